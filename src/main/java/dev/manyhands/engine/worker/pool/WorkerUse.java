package dev.manyhands.engine.worker.pool;

import dev.manyhands.model.Job;
import dev.manyhands.model.Recycle;

/**
 * The use of a worker so far, and what it may still be used for. Owned by the pool's thread.
 *
 * <p>The worker of a job with {@link Recycle} stays with its first slot, because the scheduler
 * counts the items of such workers by slot.
 */
final class WorkerUse {
  private final Job first;
  private final SentChunks sent;
  private int firstSlot = Worker.NO_SLOT;
  private long items;
  private long chunks;
  private boolean released;

  WorkerUse(Job first, SentChunks sent) {
    this.first = first;
    this.sent = sent;
  }

  /** Returns the items that were answered. */
  long items() {
    return items;
  }

  /** Returns the chunks that were answered. */
  long chunks() {
    return chunks;
  }

  /** Returns how many items the worker has run or is to run. */
  long itemsGiven() {
    return items + sent.itemsLeft();
  }

  void answered(long answeredItems, boolean last) {
    items += answeredItems;
    chunks += last ? 1 : 0;
  }

  /** Notes that the worker got a slot. */
  void bound(int slot) {
    firstSlot = firstSlot == Worker.NO_SLOT ? slot : firstSlot;
  }

  boolean mayServe(int slot) {
    return first.spec().recycle() == null || firstSlot == slot;
  }

  /**
   * Returns whether the worker may serve the job. It may not if a late answer to an item of another
   * job could be taken for an answer to one of this job: indexes of items repeat from job to job.
   */
  boolean mayServe(Job next) {
    return first.id().equals(next.id()) || !first.spec().function().definition().answersByIndex();
  }

  /** Returns whether the worker may get this many more items. A new worker gets any chunk. */
  boolean hasRoomFor(long more) {
    Recycle recycle = first.spec().recycle();
    return recycle == null || itemsGiven() == 0 || itemsGiven() + more <= recycle.items();
  }

  /** Notes that the only job of the worker has ended. */
  void release() {
    released = true;
  }

  boolean isReleased() {
    return released;
  }
}
