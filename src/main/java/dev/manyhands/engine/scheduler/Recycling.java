package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ChunkSizes.Why;
import dev.manyhands.model.Recycle;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the items that each slot's worker has got of one job, so that no chunk has more items than
 * its worker may still run. Has no effect for a job without {@link Recycle}.
 *
 * <p>The pool replaces a worker for reasons of its own, too, which this count does not see. The
 * pool therefore counts again, and ends such a worker early.
 *
 * <p>Owned by the scheduler thread.
 */
final class Recycling {
  /** The most items of a worker; 0 for no limit. */
  private final long most;

  /**
   * Items by slot since the slot last lost its worker. Each multiple of {@code most} is the end of
   * one worker, so that items that come back count for the right worker.
   */
  private final Map<Integer, Long> given = new HashMap<>();

  Recycling(@Nullable Recycle recycle) {
    this.most = recycle == null ? 0 : recycle.items();
  }

  /** Returns a size of at most as many items as the slot's worker may still run, at least 1. */
  ChunkSizer.Size atMostLeft(int slot, ChunkSizer.Size size) {
    return most > 0 && left(slot) < size.items()
        ? new ChunkSizer.Size(left(slot), Why.RECYCLE)
        : size;
  }

  private long left(int slot) {
    return most - given.getOrDefault(slot, 0L) % most;
  }

  /** Notes that the slot got a chunk. A chunk that is too large begins with the next worker. */
  void gave(int slot, long items) {
    if (most > 0) {
      long skipped = items > left(slot) ? left(slot) : 0;
      given.merge(slot, skipped + items, Long::sum);
    }
  }

  /** Notes that items came back which the slot's worker has not run. */
  void tookBack(int slot, long items) {
    given.computeIfPresent(slot, (same, before) -> Math.max(0, before - items));
  }

  /** Notes that the slot's next chunk gets another worker. */
  void lost(int slot) {
    given.remove(slot);
  }
}
