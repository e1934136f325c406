package dev.manyhands.harness;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The most memory that this process held while it ran the items of a report. The kernel records the
 * maximum ({@code VmHWM}) until it is reset. Reading it takes about ten microseconds, as long as a
 * tiny chunk, so it is read at most once a millisecond. A report without a reading is covered by
 * the next reading. Used by one thread at a time: the thread of the job, or the reporter of {@link
 * ItemThreads}.
 */
final class PeakMemory {
  /** Stands for a value that is not known, or was read a moment ago. */
  static final long UNKNOWN = -1;

  private static final long LEAST_NANOS = 1_000_000;
  private static final byte[] NAME = "VmHWM:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BEGIN_ANEW = {'5'};
  private static final int KIB = 1024;

  private final byte[] buffer = new byte[4096];

  /** Null, like {@code clear}, if there is no {@code /proc} or no permission to use it. */
  private @Nullable RandomAccessFile status;

  private @Nullable FileOutputStream clear;

  private long toldNanos;
  private boolean isNew;

  PeakMemory() {
    try {
      status = new RandomAccessFile("/proc/self/status", "r");
      clear = new FileOutputStream("/proc/self/clear_refs");
    } catch (IOException e) {
      status = null;
    }
  }

  /**
   * Resets the maximum, so that memory of the job before does not count. The first report has a
   * value.
   */
  void beginJob() {
    toldNanos = System.nanoTime() - LEAST_NANOS;
    begin();
  }

  void beginChunk() {
    if (!isNew) {
      begin();
    }
  }

  private void begin() {
    try {
      if (status != null && clear != null) {
        clear.write(BEGIN_ANEW);
        isNew = true;
      }
    } catch (IOException e) {
      status = null;
    }
  }

  /** Returns the maximum in bytes and resets it; {@link #UNKNOWN} if it was read a moment ago. */
  long take() {
    long now = System.nanoTime();
    if (status == null || now - toldNanos < LEAST_NANOS) {
      return UNKNOWN;
    }
    toldNanos = now;
    try {
      status.seek(0);
      int length = status.read(buffer);
      begin();
      isNew = false; // memory that is freed before the next chunk must not count for it
      return held(length);
    } catch (IOException e) {
      status = null;
      return UNKNOWN;
    }
  }

  private long held(int length) {
    int at = 0;
    while (at + NAME.length < length && !isNameAt(at)) {
      at++;
    }
    long kib = 0;
    for (int i = at + NAME.length; i < length && buffer[i] != 'k'; i++) {
      if (buffer[i] >= '0' && buffer[i] <= '9') {
        kib = 10 * kib + buffer[i] - '0';
      }
    }
    return kib == 0 ? UNKNOWN : kib * KIB;
  }

  private boolean isNameAt(int at) {
    for (int i = 0; i < NAME.length; i++) {
      if (buffer[at + i] != NAME[i]) {
        return false;
      }
    }
    return true;
  }
}
