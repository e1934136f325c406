package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec.Chunking.Order;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The items of a job that may be handed out now. Suspect ranges, such as items on which a worker
 * died, are kept apart. They are handed out first and exactly as they are, so that the guilty item
 * is isolated in the end.
 *
 * <p>Owned by the scheduler thread.
 */
final class PendingItems {

  /** Items to hand out together. A suspect range must be handed out exactly as it is. */
  record Taken(ItemRange items, boolean suspect) {

    /** Returns the reason for the number of items, which may be smaller than the wanted size. */
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

  /** The items that are not suspect. */
  private final ItemSet others = new ItemSet();

  /** Suspect ranges, and below the number of their items. */
  private final ArrayDeque<ItemRange> suspects = new ArrayDeque<>();

  private long suspected;

  /**
   * Creates a collection that contains these items.
   *
   * @param order the order in which items are handed out
   * @param total how many items the job has as far as is known; equal totals are shuffled equally
   */
  PendingItems(Collection<ItemRange> items, Order order, long total) {
    this.order = order;
    this.leastBlock = Math.max(1, total / SHUFFLED_BLOCKS);
    this.random = new SplittableRandom(total);
    items.forEach(this::putBack);
  }

  boolean isEmpty() {
    return count() == 0;
  }

  long count() {
    return others.count() + suspected;
  }

  int suspectRuns() {
    return suspects.size();
  }

  boolean nextIsSuspect() {
    return !suspects.isEmpty();
  }

  /**
   * Takes the first suspect range. Without one, takes up to {@code atMost} adjacent items: the
   * lowest, the highest, or random ones. Returns null if there are none.
   */
  @Nullable Taken take(long atMost) {
    ItemRange suspect = suspects.poll();
    if (suspect != null) {
      suspected -= suspect.count();
      return new Taken(suspect, true);
    }
    if (others.isEmpty()) {
      return null;
    }
    ItemRange items =
        switch (order) {
          case INPUT -> lowest(atMost);
          case REVERSED -> highest(atMost);
          case SHUFFLED -> anywhere(atMost);
        };
    var _ = others.remove(items);
    return new Taken(items, false);
  }

  private ItemRange lowest(long atMost) {
    var range = others.ranges.firstEntry();
    return ItemRange.ofCount(range.getKey(), Math.min(atMost, range.getValue() - range.getKey()));
  }

  private ItemRange highest(long atMost) {
    var range = others.ranges.lastEntry();
    return new ItemRange(Math.max(range.getKey(), range.getValue() - atMost), range.getValue());
  }

  /**
   * Returns items from the beginning of a random block that has any, and not beyond the block. A
   * block is at least as large as the chunk. Otherwise few items, or items that still come, would
   * be handed out one by one.
   */
  private ItemRange anywhere(long atMost) {
    long block = Math.max(leastBlock, atMost);
    long lowest = others.ranges.firstKey();
    long point = lowest + random.nextLong(others.ranges.lastEntry().getValue() - lowest);
    var range = others.ranges.floorEntry(point);
    if (range.getValue() <= point) {
      // The point is in a gap: the next range is as good as any.
      range = others.ranges.higherEntry(point);
      point = range.getKey();
    }
    long first = Math.max(range.getKey(), point / block * block);
    long end = Math.min(range.getValue(), (first / block + 1) * block);
    return ItemRange.ofCount(first, Math.min(atMost, end - first));
  }

  void putBack(ItemRange items) {
    others.add(items);
  }

  /** Puts back items that are to run as one chunk of their own. */
  void putBackAlone(ItemRange items) {
    suspected += items.count();
    suspects.add(items);
  }

  /**
   * Removes items of the range that are here; returns them. The rest of a suspect range stays
   * suspect, in its place.
   *
   * @param most how many ranges to remove at most, apart from suspect runs; none are left if fewer
   *     are returned
   */
  List<ItemRange> remove(ItemRange range, int most) {
    var removed = new ArrayList<>(others.remove(range, most));
    if (removed.size() == most) {
      return removed;
    }
    for (int left = suspects.size(); left > 0; left--) {
      ItemRange suspect = suspects.remove();
      long first = Math.clamp(range.first(), suspect.first(), suspect.end());
      long end = Math.clamp(range.end(), first, suspect.end());
      if (suspect.first() < first) {
        suspects.add(new ItemRange(suspect.first(), first));
      }
      if (first < end) {
        removed.add(new ItemRange(first, end));
        suspected -= end - first;
      }
      if (end < suspect.end()) {
        suspects.add(new ItemRange(end, suspect.end()));
      }
    }
    return removed;
  }

  void clear() {
    others.clear();
    suspects.clear();
    suspected = 0;
  }
}
