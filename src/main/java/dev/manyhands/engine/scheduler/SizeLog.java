package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.ChunkSizes.Why;
import java.util.EnumMap;
import java.util.Map;

/** Counts how large a job's chunks were, and why. Owned by the scheduler thread. */
final class SizeLog {
  private long least;
  private long most;
  private final Map<Why, Long> chunks = new EnumMap<>(Why.class);

  /**
   * Creates a log that continues an earlier one.
   *
   * @param before sizes of chunks that earlier services made
   */
  SizeLog(ChunkSizes before) {
    this.least = before.least();
    this.most = before.most();
    chunks.putAll(before.chunks());
  }

  void note(long size, Why why) {
    least = least == 0 ? size : Math.min(least, size);
    most = Math.max(most, size);
    chunks.merge(why, 1L, Long::sum);
  }

  ChunkSizes sizes() {
    return new ChunkSizes(least, most, chunks);
  }
}
