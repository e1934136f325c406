package dev.manyhands.engine.worker.pool;

import dev.manyhands.model.Job;
import dev.manyhands.model.Recycle;
import org.jspecify.annotations.Nullable;

/** The use of a worker so far, and what it may still be used for. Owned by the pool's thread. */
final class WorkerUse {
  private final Job first;
  private final SentChunks sent;
  private long items;
  private long chunks;
  private boolean released;

  WorkerUse(Job first, SentChunks sent) {
    this.first = first;
    this.sent = sent;
  }

  /** Returns the number of items that were answered. */
  long items() {
    return items;
  }

  /** Returns the number of chunks that were answered in full. */
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

  /**
   * Returns whether the worker may serve the job. It may not if a late answer to an item of another
   * job could be taken for an answer to one of this job: indexes of items repeat from job to job.
   */
  boolean mayServe(Job next) {
    return first.id().equals(next.id()) || !first.spec().function().definition().answersByIndex();
  }

  /**
   * Returns whether the worker is a better choice than another one, which may be null. The
   * scheduler expects that the recycled worker with the most items is used first.
   */
  boolean isBetterThan(@Nullable Worker other) {
    return other == null
        || first.spec().recycle() == null
        || itemsGiven() > other.use().itemsGiven();
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
