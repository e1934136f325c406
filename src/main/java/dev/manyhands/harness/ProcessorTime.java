package dev.manyhands.harness;

import java.io.IOException;
import java.io.RandomAccessFile;
import org.jspecify.annotations.Nullable;

/**
 * The time for which this process and its ended children had a processor. The kernel counts this
 * time in hundredths of a second. Reading it takes about ten microseconds, so a report of less than
 * a millisecond in the function has no reading. The next reading covers such a report. Used by one
 * thread at a time: the thread of the job, or the reporter of {@link ItemThreads}.
 */
final class ProcessorTime {
  /** Stands for a value that was not read. */
  static final double UNKNOWN = -1;

  private static final long LEAST_RUN_NANOS = 1_000_000;

  /** The kernel's unit for user space, which is equal on all platforms of Linux. */
  private static final double TICKS_PER_SECOND = 100;

  /** Four fields follow each other: user and system time, of this process and of its children. */
  private static final int FIRST_FIELD = 14;

  private static final int FIELDS = 4;

  private final byte[] buffer = new byte[1024];

  /** Null if there is no {@code /proc}. */
  private @Nullable RandomAccessFile stat;

  private double before;

  ProcessorTime() {
    try {
      stat = new RandomAccessFile("/proc/self/stat", "r");
    } catch (IOException e) {
      stat = null;
    }
  }

  /** Begins anew, so that loading the function does not count. */
  void beginJob() {
    before = seconds();
  }

  /**
   * Returns seconds since the last reading, or {@link #UNKNOWN}.
   *
   * @param runNanos the time in the function that the report covers
   */
  double take(long runNanos) {
    if (runNanos < LEAST_RUN_NANOS) {
      return UNKNOWN;
    }
    double now = seconds();
    double used = now == UNKNOWN || before == UNKNOWN ? UNKNOWN : Math.max(0, now - before);
    before = now;
    return used;
  }

  private double seconds() {
    if (stat == null) {
      return UNKNOWN;
    }
    try {
      stat.seek(0);
      return ticks(stat.read(buffer)) / TICKS_PER_SECOND;
    } catch (IOException e) {
      stat = null;
      return UNKNOWN;
    }
  }

  /** Adds up the fields. The second field, a name in brackets, may contain spaces. */
  private long ticks(int length) {
    int at = length - 1;
    while (at > 0 && buffer[at] != ')') {
      at--;
    }
    long sum = 0;
    long number = 0;
    for (int field = 2; at < length && field < FIRST_FIELD + FIELDS; at++) {
      if (buffer[at] == ' ') {
        sum += field >= FIRST_FIELD ? number : 0;
        number = 0;
        field++;
      } else if (buffer[at] >= '0' && buffer[at] <= '9') {
        number = 10 * number + buffer[at] - '0';
      }
    }
    return sum;
  }
}
