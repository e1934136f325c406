package dev.manyhands.engine.worker.output;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The last output of a worker in its present chunk, which may explain the worker's death. Words of
 * another chunk are never kept, because they may belong to another job.
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

  /**
   * Removes the words when another job begins. Words that name no chunk belong to the job before.
   */
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
