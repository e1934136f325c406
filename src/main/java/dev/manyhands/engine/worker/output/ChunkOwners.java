package dev.manyhands.engine.worker.output;

import dev.manyhands.model.JobId;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a worker's chunks, for the thread that reads the worker's output. This thread may be
 * some chunks behind. The numbers of chunks rise, so that the first chunk of each job is enough.
 * Written by the thread that sends chunks, read by the thread that reads text.
 */
final class ChunkOwners {
  /**
   * How many jobs are remembered; beyond, the oldest is forgotten. The pipe cannot hold the lines
   * of more jobs, however short they are.
   */
  private static final int REMEMBERED = 4096;

  private final ConcurrentNavigableMap<Long, JobId> byFirstChunk = new ConcurrentSkipListMap<>();

  /** The job of the last chunk. Owned by the thread that sends, like the count below. */
  private JobId last;

  private int remembered = 1;

  /**
   * Creates the table of a worker.
   *
   * @param first the job for which the worker was started. It owns the output before the first
   *     chunk.
   */
  ChunkOwners(JobId first) {
    byFirstChunk.put(0L, first);
    last = first;
  }

  /** Called before the chunk is sent. */
  void add(long chunk, JobId job) {
    if (job.equals(last)) {
      return;
    }
    last = job;
    byFirstChunk.put(chunk, job);
    if (remembered == REMEMBERED) {
      byFirstChunk.pollFirstEntry();
    } else {
      remembered++;
    }
  }

  /**
   * Returns the job of a chunk. Returns one of this worker's jobs for any other number, because a
   * forged marker may name any chunk.
   */
  JobId of(long chunk) {
    Map.@Nullable Entry<Long, JobId> owner = byFirstChunk.floorEntry(chunk);
    return owner == null ? byFirstChunk.firstEntry().getValue() : owner.getValue();
  }

  /** Returns the job that the worker got last. */
  JobId latest() {
    return byFirstChunk.lastEntry().getValue();
  }
}
