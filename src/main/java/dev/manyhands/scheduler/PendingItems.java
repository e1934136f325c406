package dev.manyhands.scheduler;

import dev.manyhands.job.ItemRange;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The items of a job that no worker has, as ranges: a million items are one entry. Some runs of
 * items are kept apart, because a worker died on them: those go out first and exactly as they are,
 * so that the guilty item comes to stand alone.
 *
 * <p>Owned by the scheduler thread.
 */
final class PendingItems {

  /** Items to be handed out together, and whether exactly so. */
  record Taken(ItemRange items, boolean suspect) {}

  /** First index to end. Neighbours are merged. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  private final ArrayDeque<ItemRange> suspects = new ArrayDeque<>();
  private long count;

  PendingItems(Collection<ItemRange> items) {
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
   * Takes the first suspect run, or else up to {@code atMost} of the lowest items that lie
   * together; null if there are none.
   */
  @Nullable Taken take(long atMost) {
    ItemRange suspect = suspects.poll();
    if (suspect != null) {
      count -= suspect.count();
      return new Taken(suspect, true);
    }
    var lowest = ranges.pollFirstEntry();
    if (lowest == null) {
      return null;
    }
    long first = lowest.getKey();
    long end = Math.min(lowest.getValue(), first + atMost);
    if (end < lowest.getValue()) {
      ranges.put(end, lowest.getValue());
    }
    count -= end - first;
    return new Taken(new ItemRange(first, end), false);
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

  /** Puts items back that are to run as one chunk of their own. */
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
