package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.store.JobStore.Keeping;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Jobs that are being read, in memory. A job whose time is over is not deleted meanwhile. Readers
 * count until {@link #LONGEST} after the last of them came, because a reader that never ends would
 * fill the disk. Safe for use by any number of threads.
 */
final class Keepers {
  static final Duration LONGEST = Duration.ofDays(1);

  private final Clock clock;

  /** How many readers each job has, and when the last of them came. Guarded by itself. */
  private final Map<JobId, Readers> readers = new HashMap<>();

  private record Readers(int count, Instant last) {}

  Keepers(Clock clock) {
    this.clock = clock;
  }

  Keeping keep(JobId id) {
    synchronized (readers) {
      readers.merge(
          id,
          new Readers(1, clock.instant()),
          (before, one) -> new Readers(before.count() + 1, one.last()));
    }
    return new Keeping() {
      private boolean closed;

      @Override
      public void close() {
        synchronized (readers) {
          if (!closed) {
            closed = true;
            release(id);
          }
        }
      }
    };
  }

  private void release(JobId id) {
    readers.computeIfPresent(
        id, (job, now) -> now.count() == 1 ? null : new Readers(now.count() - 1, now.last()));
  }

  /**
   * Returns whether readers keep the job from retention. Returns false once the last of the readers
   * came more than {@link #LONGEST} ago.
   */
  boolean has(JobId id) {
    synchronized (readers) {
      Readers some = readers.get(id);
      return some != null && clock.instant().isBefore(some.last().plus(LONGEST));
    }
  }

  /** Returns how many jobs have readers. */
  int jobs() {
    synchronized (readers) {
      return readers.size();
    }
  }
}
