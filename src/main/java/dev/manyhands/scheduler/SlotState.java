package dev.manyhands.scheduler;

import org.jspecify.annotations.Nullable;

/** The work that a slot has. Owned by the scheduler thread. */
final class SlotState {
  final int index;
  @Nullable Flight running;

  /** Queued behind {@code running}, for the same job, so that the worker need not wait for us. */
  @Nullable Flight ahead;

  /** Asked to stop; free again once all it has is answered. */
  boolean stopping;

  SlotState(int index) {
    this.index = index;
  }

  boolean isFree() {
    return running == null;
  }

  /**
   * The flight of this chunk; null if the slot has none such, because it was taken away meanwhile.
   */
  @Nullable Flight flight(long chunk) {
    if (running != null && running.chunk.number() == chunk) {
      return running;
    }
    return ahead != null && ahead.chunk.number() == chunk ? ahead : null;
  }

  boolean hasRecalled() {
    return (running != null && running.recalled) || (ahead != null && ahead.recalled);
  }
}
