package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.BrokenProtocolException;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;

/**
 * A chunk that was given to a worker, and how far the worker is with the chunk. Owned by the pool's
 * thread.
 */
final class SentChunk {
  private final Chunk chunk;
  private final Job job;
  private long next;
  private long end;

  SentChunk(Chunk chunk, Job job) {
    this.chunk = chunk;
    this.job = job;
    this.next = chunk.items().first();
    this.end = chunk.items().end();
  }

  Chunk chunk() {
    return chunk;
  }

  long number() {
    return chunk.number();
  }

  Job job() {
    return job;
  }

  /** Returns the first item without an outcome. */
  long next() {
    return next;
  }

  /** Returns whether the item is of this chunk, and has no outcome. */
  boolean lacks(long item) {
    return item >= next && item < end;
  }

  /** Returns the number of items that the worker is still to answer. */
  long itemsLeft() {
    return end - next;
  }

  /**
   * Records the outcomes of the next items.
   *
   * @throws BrokenProtocolException if other items are due, or {@code last} contradicts the items
   */
  void answered(ItemRange items, boolean last) {
    if (items.first() != next || items.end() > end) {
      throw answeredOthers(items);
    }
    if (last != (items.end() == end)) {
      throw new BrokenProtocolException(
          "its answer ends at item %d, but \"last\" says otherwise".formatted(items.end()));
    }
    next = items.end();
  }

  /**
   * Ends the chunk before this item.
   *
   * @throws BrokenProtocolException if the item is answered, or not of this chunk
   */
  void handedBack(long first) {
    if (first < next || first >= end) {
      throw handedBackOthers(first);
    }
    end = first;
  }

  static BrokenProtocolException answeredOthers(ItemRange items) {
    return new BrokenProtocolException("it answered items " + items + ", which it does not have");
  }

  static BrokenProtocolException handedBackOthers(long first) {
    return new BrokenProtocolException(
        "it handed back items from " + first + ", which it does not have");
  }
}
