package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

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

  /** Removes the items of the range that are in the set; returns them as ascending ranges. */
  List<ItemRange> remove(ItemRange range) {
    List<ItemRange> found = within(range);
    found.forEach(this::cut);
    return found;
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
