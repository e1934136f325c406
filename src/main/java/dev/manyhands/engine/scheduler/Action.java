package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Chunk;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import java.time.Instant;
import java.util.List;

/**
 * A decision of the core. The scheduler performs actions in the order given. An action that may
 * block is never performed in the core's thread.
 */
public sealed interface Action {

  /**
   * Hands a chunk to a slot. If the slot has a chunk, the new chunk is queued behind it, and both
   * are of one job.
   *
   * @param alone whether nothing else runs, because the service has died while the job was running.
   *     This must be durable before the chunk is handed over.
   */
  record Dispatch(int slot, Chunk chunk, Job job, boolean alone) implements Action {}

  /** Asks the slot to return the items of this chunk and of later ones that have not started. */
  record Recall(int slot, long fromChunk) implements Action {}

  /** Stops the slot's chunk: at once if the function asks, by force soon after. */
  record Stop(int slot) implements Action {}

  /**
   * Asks which of these items have remembered outcomes. No item runs before {@link CoreEvent.Known}
   * or {@link CoreEvent.Release} answers for it.
   */
  record LookUp(Job job, long version, List<ItemRange> items) implements Action {}

  record NoteStart(JobId job, long version, Instant at) implements Action {}

  record RecordOutcomes(JobId job, long version, OutcomeReport report) implements Action {}

  /**
   * Ends a job.
   *
   * @param status without the reduced result, which the core does not know
   */
  record Finish(JobId job, long version, JobStatus status) implements Action {
    Finish withStatus(JobStatus other) {
      return new Finish(job, version, other);
    }
  }

  /** Shows users how far the job is. */
  record Publish(JobId job, JobStatus status) implements Action {}
}
