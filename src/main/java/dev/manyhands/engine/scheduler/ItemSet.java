package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A set of items as ranges: a million adjacent items are one entry. Used by one thread. */
final class ItemSet {
  /** First index to end index. Adjacent ranges are merged. */
  final TreeMap<Long, Long> ranges = new TreeMap<>();

  private long count;

  boolean isEmpty() {
    return count == 0;
  }

  long count() {
    return count;
  }

  /** Adds items. None of them may be in the set already. */
  void add(ItemRange items) {
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

  /** Returns the items of the range that are in the set, as ascending ranges. */
  List<ItemRange> within(ItemRange range) {
    var found = new ArrayList<ItemRange>();
    Long from = ranges.floorKey(range.first());
    var near = ranges.subMap(from == null ? range.first() : from, range.end());
    near.forEach((first, end) -> {
      if (end > range.first()) {
        found.add(new ItemRange(Math.max(first, range.first()), Math.min(end, range.end())));
      }
    });
    return found;
  }

  /** Returns the items of the range that are not in the set, as ascending ranges. */
  List<ItemRange> missing(ItemRange range) {
    var missing = new ArrayList<ItemRange>();
    long next = range.first();
    for (ItemRange there : within(range)) {
      if (there.first() > next) {
        missing.add(new ItemRange(next, there.first()));
      }
      next = there.end();
    }
    if (next < range.end()) {
      missing.add(new ItemRange(next, range.end()));
    }
    return missing;
  }

  /** Removes the items of the range that are in the set; returns them as ascending ranges. */
  List<ItemRange> remove(ItemRange range) {
    return remove(range, Integer.MAX_VALUE);
  }

  /**
   * Removes the first items of the range that are in the set, as {@link #remove(ItemRange)} does.
   *
   * @param most the most ranges to remove; none are left if fewer are returned
   */
  List<ItemRange> remove(ItemRange range, int most) {
    var removed = new ArrayList<ItemRange>();
    while (removed.size() < most) {
      ItemRange next = first(range);
      if (next == null) {
        break;
      }
      cut(next);
      removed.add(next);
    }
    return removed;
  }

  /** Returns the first items of the range that are in the set; null if none are. */
  private @Nullable ItemRange first(ItemRange range) {
    var around = ranges.floorEntry(range.first());
    if (around != null && around.getValue() > range.first()) {
      return new ItemRange(range.first(), Math.min(around.getValue(), range.end()));
    }
    var next = ranges.ceilingEntry(range.first());
    return next == null || next.getKey() >= range.end()
        ? null
        : new ItemRange(next.getKey(), Math.min(next.getValue(), range.end()));
  }

  /** Returns the range of the set that contains this item, which must be in the set. */
  ItemRange around(long item) {
    var range = ranges.floorEntry(item);
    return new ItemRange(range.getKey(), range.getValue());
  }

  /** Returns whether any item of the range is in the set. */
  boolean hasAny(ItemRange range) {
    return first(range) != null;
  }

  /** Returns whether all items of the range are in the set. */
  boolean hasAll(ItemRange range) {
    return range.equals(first(range));
  }

  /**
   * Returns the beginning of a range, with few ranges of the set in it.
   *
   * @param most how many ranges may begin in it; at least 1
   */
  ItemRange beginning(ItemRange range, int most) {
    int seen = 0;
    for (long first : ranges.subMap(range.first(), range.end()).keySet()) {
      if (seen == most) {
        return new ItemRange(range.first(), first);
      }
      seen++;
    }
    return range;
  }

  /** Removes items of the set that are within one of its ranges. */
  private void cut(ItemRange items) {
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

  void clear() {
    ranges.clear();
    count = 0;
  }
}
