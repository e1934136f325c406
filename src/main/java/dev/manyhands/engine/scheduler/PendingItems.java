package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec.Chunking.Order;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The items of a job that no worker has, as ranges: a million adjacent items are one entry. Suspect
 * runs, such as items on which a worker died, are kept apart. They are handed out first and exactly
 * as they are, so that the guilty item is isolated in the end.
 *
 * <p>Owned by the scheduler thread.
 */
final class PendingItems {

  /** Items to hand out together. A suspect run must be handed out exactly as it is. */
  record Taken(ItemRange items, boolean suspect) {

    /** Returns the reason for the number of items. Fewer than wanted may have been there. */
    ChunkSizes.Why why(ChunkSizer.Size wanted) {
      if (suspect) {
        return ChunkSizes.Why.ALONE;
      }
      return items.count() < wanted.items() ? ChunkSizes.Why.ALL_THERE_WAS : wanted.why();
    }
  }

  /**
   * Number of blocks of neighbouring items that are shuffled as units. With few blocks, the pending
   * items stay few ranges.
   */
  private static final long SHUFFLED_BLOCKS = 1024;

  private final Order order;
  private final long leastBlock;
  private final SplittableRandom random;

  /** First index to end index. Adjacent ranges are merged. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  private final ArrayDeque<ItemRange> suspects = new ArrayDeque<>();
  private long count;

  /**
   * Creates a collection that contains these items.
   *
   * @param order which items go first
   * @param total how many items the job has as far as is known; equal totals are shuffled equally
   */
  PendingItems(Collection<ItemRange> items, Order order, long total) {
    this.order = order;
    this.leastBlock = Math.max(1, total / SHUFFLED_BLOCKS);
    this.random = new SplittableRandom(total);
    items.forEach(this::putBack);
  }

  boolean isEmpty() {
    return count == 0;
  }

  long count() {
    return count;
  }

  boolean nextIsSuspect() {
    return !suspects.isEmpty();
  }

  /**
   * Takes the first suspect run. Without one, takes up to {@code atMost} adjacent items: the
   * lowest, the highest, or random ones. Returns null if there are none.
   */
  @Nullable Taken take(long atMost) {
    ItemRange suspect = suspects.poll();
    if (suspect != null) {
      count -= suspect.count();
      return new Taken(suspect, true);
    }
    if (ranges.isEmpty()) {
      return null;
    }
    ItemRange items =
        switch (order) {
          case INPUT -> lowest(atMost);
          case REVERSED -> highest(atMost);
          case SHUFFLED -> anywhere(atMost);
        };
    remove(items);
    return new Taken(items, false);
  }

  private ItemRange lowest(long atMost) {
    var range = ranges.firstEntry();
    return ItemRange.ofCount(range.getKey(), Math.min(atMost, range.getValue() - range.getKey()));
  }

  private ItemRange highest(long atMost) {
    var range = ranges.lastEntry();
    return new ItemRange(Math.max(range.getKey(), range.getValue() - atMost), range.getValue());
  }

  /**
   * Returns items from the beginning of a random block that has any, and not beyond the block. A
   * block is at least as large as the chunk. Otherwise few items, or items that still come, would
   * be handed out one by one.
   */
  private ItemRange anywhere(long atMost) {
    long block = Math.max(leastBlock, atMost);
    long lowest = ranges.firstKey();
    long point = lowest + random.nextLong(ranges.lastEntry().getValue() - lowest);
    var range = ranges.floorEntry(point);
    if (range.getValue() <= point) {
      // The point is in a gap: the next range is as good as any.
      range = ranges.higherEntry(point);
      point = range.getKey();
    }
    long first = Math.max(range.getKey(), point / block * block);
    long end = Math.min(range.getValue(), (first / block + 1) * block);
    return ItemRange.ofCount(first, Math.min(atMost, end - first));
  }

  /** Removes items that are all in one range. */
  private void remove(ItemRange items) {
    var range = ranges.floorEntry(items.first());
    if (range.getKey() < items.first()) {
      ranges.put(range.getKey(), items.first());
    } else {
      ranges.remove(range.getKey());
    }
    if (items.end() < range.getValue()) {
      ranges.put(items.end(), range.getValue());
    }
    count -= items.count();
  }

  void putBack(ItemRange items) {
    count += items.count();
    long first = items.first();
    long end = items.end();
    var before = ranges.floorEntry(first);
    if (before != null && before.getValue() == first) {
      first = before.getKey();
    }
    Long after = ranges.remove(end);
    ranges.put(first, after == null ? end : after);
  }

  /** Puts back items that are to run as one chunk of their own. */
  void putBackAlone(ItemRange items) {
    count += items.count();
    suspects.add(items);
  }

  void clear() {
    ranges.clear();
    suspects.clear();
    count = 0;
  }
}
