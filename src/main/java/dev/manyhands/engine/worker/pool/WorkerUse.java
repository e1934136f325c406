package dev.manyhands.engine.worker.pool;

import dev.manyhands.model.Job;
import dev.manyhands.model.Recycle;
import org.jspecify.annotations.Nullable;

/** The use of a worker so far, and what it may still be used for. Owned by the pool's thread. */
final class WorkerUse {
  /**
   * How long a command whose answers are counted must have been silent before it serves another
   * job. A line too many that comes until then is not taken for an answer of that job.
   */
  static final long SILENCE_NANOS = 1_000_000_000L;

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
   * Returns whether the worker may serve a job other than its last one. It may not if a late line
   * of the last job could be taken for an answer to an item of this one. Indexes of items repeat
   * from job to job. Answers without an index are only safe after a silence.
   *
   * @param idleNanos how long the worker has had nothing to do
   */
  boolean mayServe(Job next, long idleNanos) {
    var definition = first.spec().function().definition();
    return definition.answersByIndex()
        ? first.id().equals(next.id())
        : !definition.answersByOrder() || idleNanos >= SILENCE_NANOS;
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
