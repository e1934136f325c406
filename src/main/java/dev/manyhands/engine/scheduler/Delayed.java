package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/** The items of a job that are to be tried again, but not yet. Owned by the scheduler thread. */
final class Delayed {
  private record Due(long nanos, long item) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.signum(nanos - other.nanos);
      return byTime == 0 ? Long.compare(item, other.item) : byTime;
    }
  }

  private final TreeSet<Due> byTime = new TreeSet<>();

  /** When each item is due. */
  private final TreeMap<Long, Long> byItem = new TreeMap<>();

  void add(long item, long dueNanos) {
    byTime.add(new Due(dueNanos, item));
    byItem.put(item, dueNanos);
  }

  /** Removes and returns the items that are due. */
  List<Long> takeDue(long nowNanos) {
    var due = new ArrayList<Long>();
    while (!byTime.isEmpty() && byTime.first().nanos - nowNanos <= 0) {
      long item = byTime.removeFirst().item;
      byItem.remove(item);
      due.add(item);
    }
    return due;
  }

  /** Returns the {@link Now#nanos} at which the next item is due; empty if none waits. */
  OptionalLong nextNanos() {
    return byTime.isEmpty() ? OptionalLong.empty() : OptionalLong.of(byTime.first().nanos);
  }

  /**
   * Removes items of the range; returns them.
   *
   * @param most how many to remove at most
   */
  List<ItemRange> remove(ItemRange range, int most) {
    var removed = new ArrayList<ItemRange>();
    var found = byItem.subMap(range.first(), range.end()).entrySet().iterator();
    while (found.hasNext() && removed.size() < most) {
      var next = found.next();
      byTime.remove(new Due(next.getValue(), next.getKey()));
      removed.add(ItemRange.ofCount(next.getKey(), 1));
      found.remove();
    }
    return removed;
  }

  int size() {
    return byTime.size();
  }

  boolean isEmpty() {
    return byTime.isEmpty();
  }

  void clear() {
    byTime.clear();
    byItem.clear();
  }
}
