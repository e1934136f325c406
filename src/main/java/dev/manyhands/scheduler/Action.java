package dev.manyhands.scheduler;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobStatus;
import dev.manyhands.store.JobStore.OutcomeReport;
import java.time.Instant;

/**
 * What the core decided. Carried out in the order given, none of it in the core's thread if it may
 * block.
 */
public sealed interface Action {

  /**
   * Hand a chunk to a slot; behind the one it has, if it has one, which is then of the same job.
   */
  record Dispatch(int slot, Chunk chunk, Job job) implements Action {}

  /** Ask the slot to hand back all that has not started of this chunk and of later ones. */
  record Recall(int slot, long fromChunk) implements Action {}

  /** Stop what the slot runs: at once if the function asks, by force soon after. */
  record Stop(int slot) implements Action {}

  record NoteStart(JobId job, long version, Instant at) implements Action {}

  record RecordOutcomes(JobId job, long version, OutcomeReport report) implements Action {}

  record Finish(JobId job, long version, JobStatus status) implements Action {}

  /** Show users how far the job is. */
  record Publish(JobId job, JobStatus status) implements Action {}
}
