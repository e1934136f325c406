package dev.manyhands.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A run of items by index, including {@code first} and excluding {@code end}. Never empty. */
public record ItemRange(long first, long end) {

  public ItemRange {
    if (first < 0 || end <= first) {
      throw new IllegalArgumentException("not a range of items: [" + first + ", " + end + ")");
    }
  }

  public static ItemRange ofCount(long first, long count) {
    return new ItemRange(first, first + count);
  }

  public long count() {
    return end - first;
  }

  public boolean contains(long index) {
    return first <= index && index < end;
  }

  public boolean contains(ItemRange other) {
    return first <= other.first && other.end <= end;
  }

  @Override
  public String toString() {
    return "[" + first + ", " + end + ")";
  }

  /** Returns the items of a job that are not in these ascending, disjoint ranges. */
  public static List<ItemRange> complement(List<ItemRange> done, long total) {
    return total == 0 ? List.of() : new ItemRange(0, total).without(done);
  }

  /** Returns the items of this range that are not in these ascending, disjoint parts of it. */
  public List<ItemRange> without(List<ItemRange> parts) {
    var rest = new ArrayList<ItemRange>();
    long next = first;
    for (ItemRange part : parts) {
      if (part.first > next) {
        rest.add(new ItemRange(next, part.first));
      }
      next = part.end;
    }
    if (next < end) {
      rest.add(new ItemRange(next, end));
    }
    return rest;
  }

  /** Returns the items that are in both ranges; null if there are none. */
  public @Nullable ItemRange and(ItemRange other) {
    long from = Math.max(first, other.first);
    long to = Math.min(end, other.end);
    return from < to ? new ItemRange(from, to) : null;
  }
}
