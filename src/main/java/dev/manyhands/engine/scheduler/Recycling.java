package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ChunkSizes.Why;
import dev.manyhands.model.Recycle;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Counts the items that each worker of one job has got, so that no chunk has more items than its
 * worker may still run. A slot that needs a worker gets the one that has got the most items, of the
 * workers without a slot. Has no effect for a job without {@link Recycle}.
 *
 * <p>The pool replaces a worker for reasons of its own, too, which this count does not see. The
 * pool therefore counts again, and ends such a worker early.
 *
 * <p>Owned by the scheduler thread.
 */
final class Recycling {
  /** The most items that a worker may run; 0 for no limit. */
  private final long most;

  /**
   * By slot that the job has: the number of items that the slot's workers have got, one after the
   * other. Each multiple of {@code most} is the end of one worker, so that items that come back
   * count for the right worker.
   */
  private final Map<Integer, Long> given = new HashMap<>();

  /** The number of items that each worker without a slot has got. */
  private final PriorityQueue<Long> resting = new PriorityQueue<>(Comparator.reverseOrder());

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
    return most - before(slot, resting.peek()) % most;
  }

  /**
   * Returns the count of the slot before its next chunk. The remainder by {@code most} is the count
   * of the worker that gets the chunk.
   *
   * @param ofResting the count of the worker that takes the place of one that may run no more; null
   *     for a new worker
   */
  private long before(int slot, @Nullable Long ofResting) {
    long own = given.getOrDefault(slot, 0L);
    return own % most == 0 && ofResting != null ? own + ofResting : own;
  }

  /**
   * Notes that the slot got a chunk. A chunk that is too large for the worker goes to the next
   * worker.
   */
  void gave(int slot, long items) {
    if (most > 0) {
      long skipped = items > left(slot) ? left(slot) : 0;
      boolean isUsedUp = given.getOrDefault(slot, 0L) % most == 0;
      given.put(slot, before(slot, isUsedUp ? resting.poll() : null) + skipped + items);
    }
  }

  /** Notes that this many items came back, which the slot's worker has not run. */
  void tookBack(int slot, long items) {
    given.computeIfPresent(slot, (same, before) -> Math.max(0, before - items));
  }

  /** Notes that the slot is free, and its worker has no slot. */
  void rested(int slot) {
    Long items = given.remove(slot);
    if (items != null && items % most > 0) {
      resting.add(items % most);
    }
  }

  /** Notes that the slot has lost its worker. The next chunk goes to another one. */
  void lost(int slot) {
    given.remove(slot);
  }
}
