package dev.manyhands.report;

/**
 * Computes the least, median and greatest of any number of counts, in a fixed amount of memory. The
 * median is exact if few sizes occur, as is common for chunks, and otherwise within 2 %. Each power
 * of two is divided into 64 classes, and a class is represented by the value that was added to it
 * first.
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

  /** Returns the least value; 0 if there are none. */
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
