package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/** The items of a job that are to be tried again, but not yet. Owned by the scheduler thread. */
final class Delayed {
  private record Due(long nanos, long item) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.signum(nanos - other.nanos);
      return byTime == 0 ? Long.compare(item, other.item) : byTime;
    }
  }

  private final PriorityQueue<Due> items = new PriorityQueue<>();

  void add(long item, long dueNanos) {
    items.add(new Due(dueNanos, item));
  }

  /** Removes and returns the items that are due. */
  List<Long> takeDue(long nowNanos) {
    var due = new ArrayList<Long>();
    for (Due next; (next = items.peek()) != null && next.nanos - nowNanos <= 0; items.poll()) {
      due.add(next.item);
    }
    return due;
  }

  /** Returns the {@link Now#nanos} at which the next item is due; empty if none waits. */
  OptionalLong nextNanos() {
    Due next = items.peek();
    return next == null ? OptionalLong.empty() : OptionalLong.of(next.nanos);
  }

  /** Removes the items of the range; returns them. */
  List<ItemRange> remove(ItemRange range) {
    var removed = new ArrayList<ItemRange>();
    items.removeIf(due -> {
      boolean isMeant = range.contains(due.item);
      if (isMeant) {
        removed.add(ItemRange.ofCount(due.item, 1));
      }
      return isMeant;
    });
    return removed;
  }

  int size() {
    return items.size();
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  void clear() {
    items.clear();
  }
}
