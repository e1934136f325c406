package dev.manyhands.engine.worker;

import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Outcomes;
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
   * @param parts the parts of one report, in order; at least one
   * @param last whether this report completes the chunk
   */
  record Reported(int slot, long chunk, List<Outcomes> parts, boolean last, long worker, long pid)
      implements SlotEvent {}

  /**
   * The items of a chunk from {@code first} on were not run and will not be. The chunk is answered
   * if no item is left. Otherwise its earlier items are still with the worker.
   */
  record Returned(int slot, long chunk, long first) implements SlotEvent {}

  /**
   * The worker is gone, and with it all chunks of the slot.
   *
   * @param chunk the number of the chunk that the worker named as running; null if unknown or none
   * @param items the items that the worker named as running, in any order; empty if unknown or
   *     none. A single item is to blame. With several, any of them or all together may be.
   * @param overtaken whether {@code items} were late at the last look, but had ended before the
   *     worker was killed: then no item is to blame
   * @param peakRss the most memory in bytes that was measured since the worker's last report; null
   *     if not measured
   */
  record WorkerLost(
      int slot,
      @Nullable Long chunk,
      List<Long> items,
      boolean overtaken,
      Death death,
      long worker,
      long pid,
      @Nullable Long peakRss)
      implements SlotEvent {}

  /**
   * The slot's worker could not be started or could not load the job's function. All chunks of the
   * slot are back.
   *
   * @param fault the kind of fault
   */
  record NotLoaded(int slot, JobId job, JobError error, StartFault fault) implements SlotEvent {}

  /** The end of a worker: its cause, and the type and message of the error for users. */
  record Death(Cause cause, String type, String message, @Nullable String lastWords) {}

  /** The cause of a worker's end. */
  enum Cause {
    /**
     * The worker ended by itself, or was killed for a breach of the protocol, a full directory, or
     * a function that took too long to load.
     */
    CRASH,
    /** The worker was killed because it held too much memory. */
    OOM,
    /** The worker was killed because an item took too long, or too much processor time. */
    TIMEOUT,
    /** The service ended the worker for a reason that no item is to blame for, such as a stop. */
    STOPPED,
    /** The service failed at something that it did for the worker, and killed the worker. */
    FAULT
  }
}
