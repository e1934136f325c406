package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Chunk;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision of the core. The core's thread performs the actions in the order given. No action
 * blocks: other threads complete writes and look-ups.
 */
public sealed interface Action {

  /**
   * Hands a chunk to a slot. If the slot has a chunk, the new chunk is queued behind it, and both
   * are of one job.
   *
   * @param alone whether nothing else runs meanwhile, because the service has died repeatedly while
   *     the job was running. The store must note the items before the chunk is handed over.
   */
  record Dispatch(int slot, Chunk chunk, Job job, boolean alone) implements Action {}

  /** Asks the slot to return the items that have not started, of this chunk and of later ones. */
  record Recall(int slot, long fromChunk) implements Action {}

  /**
   * Stops all chunks of the slot. The worker is asked to stop, and killed if it is still busy after
   * {@code PoolSettings.stopGrace}.
   */
  record Stop(int slot) implements Action {}

  /**
   * Asks the memo which of these items have remembered outcomes. No item runs before {@link
   * CoreEvent.Known} or {@link CoreEvent.Release} answers for it.
   */
  record LookUp(Job job, long version, List<ItemRange> items) implements Action {}

  record NoteStart(JobId job, long version, Instant at) implements Action {}

  record RecordOutcomes(JobId job, long version, OutcomeReport report) implements Action {}

  /**
   * Stores these items as cancelled, and then gives the answer, if there is one.
   *
   * @param items empty if only the answer is due
   * @param grown ranges of cancelled items that are longer now, because {@code items} touch them
   * @param answer ends a request once the items are stored; null while the request goes on
   */
  record CancelItems(
      JobId job,
      long version,
      List<ItemRange> items,
      List<ItemRange> grown,
      @Nullable Answer answer)
      implements Action {}

  /**
   * The end of a request to cancel items, with the states of its items.
   *
   * @param request the number in {@link CoreEvent.CancelItems}
   */
  record Answer(long request, List<ItemFate> fates) {}

  /**
   * Ends a request to cancel items, without states of its items.
   *
   * @param why not {@code STORED}
   */
  record NotCancelled(long request, Cancellation.Result why) implements Action {}

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

  /** Shows users the new status of a job that runs. */
  record Publish(JobId job, JobStatus status) implements Action {}
}
