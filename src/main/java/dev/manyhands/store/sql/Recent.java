package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Small values that were written a moment ago, one for each job. They are the items of a job that
 * is about to run, or the results of a job that has just ended. The next read is most likely for
 * one of them. Values never change once they are written. Safe for use by any number of threads.
 */
final class Recent<T> {
  /**
   * Limit for the values; beyond it the oldest is dropped. With at most {@link #SMALL_BYTES} each,
   * all take a few megabytes.
   */
  private static final int MOST = 256;

  static final int SMALL_BYTES = 16 << 10;

  /** Values by job, oldest first. Guarded by itself. */
  private final Map<JobId, T> things =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<JobId, T> eldest) {
          return size() > MOST;
        }
      };

  void put(JobId job, T thing) {
    synchronized (things) {
      things.put(job, thing);
    }
  }

  @Nullable T of(JobId job) {
    synchronized (things) {
      return things.get(job);
    }
  }

  void forget(JobId job) {
    synchronized (things) {
      things.remove(job);
    }
  }
}
