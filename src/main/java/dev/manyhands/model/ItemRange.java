package dev.manyhands.model;

import java.util.ArrayList;
import java.util.List;

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
    var rest = new ArrayList<ItemRange>();
    long next = 0;
    for (ItemRange range : done) {
      if (range.first() > next) {
        rest.add(new ItemRange(next, range.first()));
      }
      next = range.end();
    }
    if (next < total) {
      rest.add(new ItemRange(next, total));
    }
    return rest;
  }
}
