package dev.manyhands.worker;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The last of what a worker printed in its present chunk: when the worker dies, that may say why.
 * The words of another chunk are never kept, as they may be those of another job.
 */
final class LastWords {
  private static final int KEPT = 4 << 10;

  /** Guarded by this. */
  private final byte[] ring = new byte[KEPT];

  /** The chunk that printed the words; 0 where the worker ran none. Guarded by this. */
  private long chunk;

  /** Guarded by this. */
  private long written;

  synchronized void keep(long ofChunk, byte[] bytes, int from, int to) {
    if (ofChunk != chunk) {
      chunk = ofChunk;
      written = 0;
    }
    for (int i = Math.max(from, to - KEPT); i < to; i++) {
      ring[(int) ((written + i - from) % KEPT)] = bytes[i];
    }
    written += to - from;
  }

  /** Another job begins: words that name no chunk were those of the job before. */
  synchronized void forget() {
    written = 0;
  }

  /** Returns the last words of this chunk; null if it printed nothing. */
  synchronized @Nullable String text(long ofChunk) {
    if (written == 0 || ofChunk != chunk) {
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
