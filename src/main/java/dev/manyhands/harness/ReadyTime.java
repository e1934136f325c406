package dev.manyhands.harness;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The time for which threads of this process were ready and had no processor. On a busy machine, a
 * thread that waits for a processor looks like one that waits for its data. The kernel counts the
 * difference for each thread.
 *
 * <p>A reading takes some 50 µs a thread, and is therefore made only after a time that is long by
 * comparison. In between, the share of the last reading stands. Guarded by its owner.
 */
final class ReadyTime {
  private static final String THREADS = "/proc/self/task/";
  private static final long LEAST_NANOS = 50_000_000;
  private static final long LEAST_NANOS_A_THREAD = 5_000_000;

  private final byte[] buffer = new byte[64];
  private long readAt;
  private long nanosThen;
  private double share;

  /** Begins to measure. */
  void begin() {
    nanosThen = nanos();
    readAt = System.nanoTime();
  }

  /**
   * Returns for how many seconds, in each second, threads were ready without a processor. Summed
   * over all threads; 0 if the kernel does not count.
   *
   * @param threads how many threads run items; with more of them, readings are rarer
   */
  double share(int threads) {
    long now = System.nanoTime();
    long passed = now - readAt;
    if (passed >= Math.max(LEAST_NANOS, LEAST_NANOS_A_THREAD * threads)) {
      long nanos = nanos();
      share = Math.max(0, (double) (nanos - nanosThen) / passed);
      readAt = now;
      nanosThen = nanos;
    }
    return share;
  }

  private long nanos() {
    String[] threads = new File(THREADS).list();
    long sum = 0;
    for (String thread : threads == null ? new String[0] : threads) {
      try (InputStream file = new FileInputStream(THREADS + thread + "/schedstat")) {
        sum += secondNumber(file.read(buffer));
      } catch (IOException e) {
        // The thread has ended, or the kernel does not count.
      }
    }
    return sum;
  }

  private long secondNumber(int length) {
    long number = 0;
    int at = 0;
    while (at < length && buffer[at] != ' ') {
      at++;
    }
    for (at++; at < length && buffer[at] >= '0' && buffer[at] <= '9'; at++) {
      number = 10 * number + buffer[at] - '0';
    }
    return number;
  }
}
