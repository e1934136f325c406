package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.WorkerEvent;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The chunks that a worker has, in the order in which it got them. Owned by the pool's thread. */
final class SentChunks {
  private final ArrayDeque<SentChunk> chunks = new ArrayDeque<>();

  boolean isEmpty() {
    return chunks.isEmpty();
  }

  int size() {
    return chunks.size();
  }

  void add(SentChunk chunk) {
    chunks.add(chunk);
  }

  /** Returns the chunk that the worker is to answer next; null for none. */
  @Nullable SentChunk running() {
    return chunks.peek();
  }

  /** Returns the first chunk with a higher number; null for none. */
  @Nullable SentChunk after(long number) {
    for (SentChunk one : chunks) {
      if (one.number() > number) {
        return one;
      }
    }
    return null;
  }

  /** Returns the number of the chunk that was given last. There must be one. */
  long lastNumber() {
    return chunks.getLast().number();
  }

  /** Returns whether the worker has this item, and has not answered it. */
  boolean lacks(long item) {
    return chunks.stream().anyMatch(one -> one.lacks(item));
  }

  /** Returns the number of items that the worker is still to answer. */
  long itemsLeft() {
    long items = 0;
    for (SentChunk one : chunks) {
      items += one.itemsLeft();
    }
    return items;
  }

  /** Records outcomes of the next items. The chunk is removed with its last outcome. */
  void answered(WorkerEvent.Answered event) {
    SentChunk next = chunks.peek();
    if (next == null || next.number() != event.chunk()) {
      throw SentChunk.answeredOthers(event.items());
    }
    next.answered(event.items(), event.last());
    if (event.last()) {
      chunks.remove();
    }
  }

  /**
   * Notes that the worker will not run the rest of a chunk.
   *
   * @return whether the chunk has nothing left, and is removed
   */
  boolean handedBack(WorkerEvent.HandedBack event) {
    for (SentChunk one : chunks) {
      if (one.number() == event.chunk()) {
        one.handedBack(event.first());
        return one.itemsLeft() == 0 && chunks.remove(one);
      }
    }
    throw SentChunk.handedBackOthers(event.first());
  }

  /** Removes all chunks of a worker that is ending. Answers that still come have no effect. */
  void clear() {
    chunks.clear();
  }
}
