package dev.manyhands.worker;

import dev.manyhands.job.JobError;
import dev.manyhands.job.JobId;
import dev.manyhands.job.Outcomes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event of the chunks that were handed to a slot. The events of one slot come in the order in
 * which they happened.
 */
public sealed interface SlotEvent {

  int slot();

  /**
   * Outcomes of the next items of a chunk.
   *
   * @param parts of one report, in order; at least one
   * @param last whether the chunk is answered with this
   */
  record Reported(int slot, long chunk, List<Outcomes> parts, boolean last, long worker, long pid)
      implements SlotEvent {}

  /**
   * Items of a chunk that were not run and will not be, from {@code first} to its end. The chunk is
   * answered if nothing of it is left then; otherwise its earlier items are still with the worker.
   */
  record Returned(int slot, long chunk, long first) implements SlotEvent {}

  /**
   * The worker is gone, and with it all that the slot still had.
   *
   * @param chunk the chunk it was running; null if it had not begun one
   * @param items those it was running, ascending or not; empty if unknown or none. With one, that
   *     item is to blame; with several, any of them or all together may be.
   * @param peakRss bytes that it was seen to hold since its last report; null if nobody looked
   */
  record WorkerLost(
      int slot,
      @Nullable Long chunk,
      List<Long> items,
      Death death,
      long worker,
      long pid,
      @Nullable Long peakRss)
      implements SlotEvent {}

  /**
   * No worker could load the job's function; all that the slot had is back.
   *
   * @param fault whose fault it is
   */
  record NotLoaded(int slot, JobId job, JobError error, StartFault fault) implements SlotEvent {}

  /** How a worker ended. */
  record Death(Cause cause, String type, String message, @Nullable String lastWords) {}

  /** Why a worker ended. */
  enum Cause {
    /** By itself. */
    CRASH,
    /** It ran out of memory. */
    OOM,
    /** It was killed because an item took too long. */
    TIMEOUT,
    /** It was killed because it was asked to stop and did not. */
    STOPPED,
    /** The service failed at something that it did for the worker, and killed the worker. */
    FAULT
  }
}
