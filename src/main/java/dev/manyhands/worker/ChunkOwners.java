package dev.manyhands.worker;

import dev.manyhands.job.JobId;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Which job a worker's chunk belongs to, for the thread that reads what it prints, which may be
 * some chunks behind. Chunks rise, so it is enough to know where each job began. Written by the
 * thread that sends chunks, read by the one that reads text.
 */
final class ChunkOwners {
  /** More than the pipe can hold of even the shortest jobs' lines. */
  private static final int REMEMBERED = 4096;

  private final ConcurrentNavigableMap<Long, JobId> byFirstChunk = new ConcurrentSkipListMap<>();

  /** Owned by the thread that sends, like the count below. */
  private JobId last;

  private int remembered = 1;

  /**
   * @param first the job for which the worker was started: what it prints before its first chunk is
   *     this job's
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

  /** One of this worker's jobs, whatever the number: a forged marker may name any. */
  JobId of(long chunk) {
    Map.@Nullable Entry<Long, JobId> owner = byFirstChunk.floorEntry(chunk);
    return owner == null ? byFirstChunk.firstEntry().getValue() : owner.getValue();
  }

  /** The job that the worker was given last. */
  JobId latest() {
    return byFirstChunk.lastEntry().getValue();
  }
}
