package dev.manyhands.store;

import dev.manyhands.job.JobId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Small things that were written a moment ago, one a job, because the next to be read is most
 * likely one of them: the items of a job that is about to run, the results of one that has just
 * ended. They never change once they are written. For any number of threads.
 */
final class Recent<T> {
  /** With no more than {@link #SMALL_BYTES} each a few megabytes. */
  private static final int MOST = 256;

  static final int SMALL_BYTES = 16 << 10;

  /** The oldest first. Guarded by itself. */
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
