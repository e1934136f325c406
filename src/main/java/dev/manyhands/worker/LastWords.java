package dev.manyhands.worker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads a worker's stderr to its end so that it never blocks, and keeps the last of it. */
final class LastWords implements Runnable {
  private static final int KEPT = 4 << 10;

  private final InputStream stderr;

  /** Guarded by this. */
  private final byte[] ring = new byte[KEPT];

  /** Guarded by this. */
  private long written;

  LastWords(InputStream stderr) {
    this.stderr = stderr;
  }

  @Override
  public void run() {
    byte[] buffer = new byte[8 << 10];
    try {
      int read;
      while ((read = stderr.read(buffer)) != -1) {
        keep(buffer, read);
      }
    } catch (IOException closed) {
      // The worker is gone; what was read before is what there is.
    }
  }

  private synchronized void keep(byte[] buffer, int length) {
    for (int i = Math.max(0, length - KEPT); i < length; i++) {
      ring[(int) ((written + i) % KEPT)] = buffer[i];
    }
    written += length;
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
