package dev.manyhands.scheduler;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobStatus;
import dev.manyhands.store.JobStore.OutcomeReport;
import java.time.Instant;
import java.util.List;

/**
 * A decision of the core. The scheduler performs actions in the order given. An action that may
 * block is never performed in the core's thread.
 */
public sealed interface Action {

  /**
   * Hand a chunk to a slot; behind the one it has, if it has one, which is then of the same job.
   *
   * @param alone whether nothing else runs, because the service has died in the company of the job:
   *     that must be durable before the chunk is handed over
   */
  record Dispatch(int slot, Chunk chunk, Job job, boolean alone) implements Action {}

  /** Ask the slot to hand back all that has not started of this chunk and of later ones. */
  record Recall(int slot, long fromChunk) implements Action {}

  /** Stop what the slot runs: at once if the function asks, by force soon after. */
  record Stop(int slot) implements Action {}

  /**
   * Find out which of these items have outcomes that are remembered. They do not run before that is
   * answered for each of them, by {@link Command.Known} or {@link Command.Release}.
   */
  record LookUp(Job job, long version, List<ItemRange> items) implements Action {}

  record NoteStart(JobId job, long version, Instant at) implements Action {}

  record RecordOutcomes(JobId job, long version, OutcomeReport report) implements Action {}

  /**
   * Ends a job.
   *
   * @param status without what its results are reduced to, which the core does not know
   */
  record Finish(JobId job, long version, JobStatus status) implements Action {
    Finish withStatus(JobStatus other) {
      return new Finish(job, version, other);
    }
  }

  /** Show users how far the job is. */
  record Publish(JobId job, JobStatus status) implements Action {}
}
