package dev.manyhands.worker;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The last of what a worker printed: when it dies, that may say why. */
final class LastWords {
  private static final int KEPT = 4 << 10;

  /** Guarded by this. */
  private final byte[] ring = new byte[KEPT];

  /** Guarded by this. */
  private long written;

  synchronized void keep(byte[] bytes, int from, int to) {
    for (int i = Math.max(from, to - KEPT); i < to; i++) {
      ring[(int) ((written + i - from) % KEPT)] = bytes[i];
    }
    written += to - from;
  }

  /** What it wrote last; null if it wrote nothing. */
  synchronized @Nullable String text() {
    if (written == 0) {
      return null;
    }
    int length = (int) Math.min(written, KEPT);
    byte[] last = new byte[length];
    for (int i = 0; i < length; i++) {
      last[i] = ring[(int) ((written - length + i) % KEPT)];
    }
    return new String(last, StandardCharsets.UTF_8);
  }
}
