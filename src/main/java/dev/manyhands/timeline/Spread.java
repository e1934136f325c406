package dev.manyhands.timeline;

/**
 * Least, median and most of any number of counts, in a fixed amount of memory. The median is exact
 * where few sizes occur, which is how chunks are, and else within 2 %: each power of two is cut
 * into 64 classes, and a class answers with the first value that fell into it.
 */
final class Spread {
  private static final int PARTS = 64;
  private static final int CLASSES = PARTS * (Long.SIZE - 6);

  private final long[] counts = new long[CLASSES];
  private final long[] firsts = new long[CLASSES];
  private long count;
  private long least = Long.MAX_VALUE;
  private long most;

  /**
   * @param value not negative
   */
  void add(long value) {
    int shift = Math.max(0, Long.SIZE - 7 - Long.numberOfLeadingZeros(value));
    int index = shift * PARTS + (int) (value >> shift);
    if (counts[index]++ == 0) {
      firsts[index] = value;
    }
    count++;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }

  /** 0 of none. */
  long least() {
    return count == 0 ? 0 : least;
  }

  long most() {
    return most;
  }

  long median() {
    long before = 0;
    for (int i = 0; i < CLASSES; i++) {
      before += counts[i];
      if (2 * before >= count && before > 0) {
        return firsts[i];
      }
    }
    return 0;
  }
}
