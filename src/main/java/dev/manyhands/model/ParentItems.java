package dev.manyhands.model;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The origins of adjacent items of a retry: for each item, the index of the item of the parent that
 * it tries again. Both indexes rise together, so that the origins are runs.
 *
 * <p>Immutable. The arrays are bounded by {@link Builder#isFull}.
 */
public final class ParentItems {
  private static final int MOST_RUNS = 4_096;

  private final ItemRange items;

  /** The first item of each run. */
  private final long[] firsts;

  /** The parent's item of the first item of each run. */
  private final long[] origins;

  private ParentItems(ItemRange items, long[] firsts, long[] origins) {
    this.items = items;
    this.firsts = firsts;
    this.origins = origins;
  }

  /** Collects runs in ascending order. Used by one thread. */
  public static final class Builder {
    private final List<ItemRange> runs = new ArrayList<>();

    /** Adds items of the parent behind those that were added. */
    public void add(ItemRange parent) {
      if (!runs.isEmpty() && runs.getLast().end() == parent.first()) {
        runs.add(new ItemRange(runs.removeLast().first(), parent.end()));
      } else {
        runs.add(parent);
      }
    }

    /** Whether the runs are enough for one segment, so that the next items need another builder. */
    public boolean isFull() {
      return runs.size() >= MOST_RUNS;
    }

    /** Returns the origins of items from this one on. At least one run was added. */
    public ParentItems build(long first) {
      return of(first, runs);
    }
  }

  private static ParentItems of(long first, List<ItemRange> runs) {
    long[] firsts = new long[runs.size()];
    long[] origins = new long[runs.size()];
    long next = first;
    for (int i = 0; i < firsts.length; i++) {
      firsts[i] = next;
      origins[i] = runs.get(i).first();
      next += runs.get(i).count();
    }
    return new ParentItems(new ItemRange(first, next), firsts, origins);
  }

  /** Returns the items of the retry. */
  public ItemRange items() {
    return items;
  }

  /** Returns the index after the last of the parent's items. */
  public long parentEnd() {
    int last = firsts.length - 1;
    return origins[last] + items.end() - firsts[last];
  }

  /** Returns the index in the parent of one of the items. */
  public long parentOf(long index) {
    if (!items.contains(index)) {
      throw new IllegalArgumentException("no item of " + items + ": " + index);
    }
    int run = floor(firsts, index);
    return origins[run] + index - firsts[run];
  }

  /**
   * Returns the first item whose index in the parent is not below this one; the end of the items if
   * there is none.
   */
  public long firstFrom(long parent) {
    int run = floor(origins, parent);
    if (run < 0) {
      return items.first();
    }
    long end = run + 1 < firsts.length ? firsts[run + 1] : items.end();
    return Math.min(firsts[run] + parent - origins[run], end);
  }

  /** Returns the position of the last number that is not above this one; -1 if there is none. */
  private static int floor(long[] ascending, long number) {
    int found = Arrays.binarySearch(ascending, number);
    return found >= 0 ? found : -found - 2;
  }

  /**
   * Returns the runs as bytes: for each the distance from the end of the run before, and the number
   * of its items, in groups of seven bits, the lowest first.
   */
  public byte[] encoded() {
    var out = new ByteArrayOutputStream(2 * firsts.length);
    long before = 0;
    for (int i = 0; i < firsts.length; i++) {
      long end = i + 1 < firsts.length ? firsts[i + 1] : items.end();
      write(origins[i] - before, out);
      write(end - firsts[i], out);
      before = origins[i] + end - firsts[i];
    }
    return out.toByteArray();
  }

  private static void write(long number, ByteArrayOutputStream out) {
    long rest = number;
    while (rest > 0x7F) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /**
   * @param first the first item of the retry
   * @param encoded by {@link #encoded}
   */
  public static ParentItems decoded(long first, byte[] encoded) {
    var in = ByteBuffer.wrap(encoded);
    var runs = new ArrayList<ItemRange>();
    long before = 0;
    while (in.hasRemaining()) {
      long origin = before + read(in);
      before = origin + read(in);
      runs.add(new ItemRange(origin, before));
    }
    return of(first, runs);
  }

  private static long read(ByteBuffer in) {
    long number = 0;
    int shift = 0;
    byte group;
    do {
      group = in.get();
      number |= (group & 0x7FL) << shift;
      shift += 7;
    } while (group < 0);
    return number;
  }
}
