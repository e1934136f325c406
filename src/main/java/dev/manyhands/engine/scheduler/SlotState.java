package dev.manyhands.engine.scheduler;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The work that a slot has. Owned by the scheduler thread. */
final class SlotState {
  final int index;
  @Nullable DispatchedChunk running;

  /**
   * The chunk that is queued behind {@code running}, of that job, so that the worker need not wait
   * for the service.
   */
  @Nullable DispatchedChunk ahead;

  /** Whether the slot was asked to stop. It is free again once all its chunks are answered. */
  boolean stopping;

  SlotState(int index) {
    this.index = index;
  }

  boolean isFree() {
    return running == null;
  }

  /** Returns the chunks of the slot, in the order in which they run. */
  List<DispatchedChunk> chunks() {
    if (running == null) {
      return List.of();
    }
    return ahead == null ? List.of(running) : List.of(running, ahead);
  }

  /** Returns the slot's chunk with this number; null if the slot no longer has this chunk. */
  @Nullable DispatchedChunk dispatched(long chunk) {
    if (running != null && running.chunk.number() == chunk) {
      return running;
    }
    return ahead != null && ahead.chunk.number() == chunk ? ahead : null;
  }

  boolean hasRecalled() {
    return (running != null && running.recalled) || (ahead != null && ahead.recalled);
  }
}
