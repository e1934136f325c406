package dev.manyhands.store.writer;

import dev.manyhands.store.StoreException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The failures of the database since its last commit: what the log and health report of them, and
 * how long the writer waits before the next try. Owned by the writer, except for methods that say
 * otherwise.
 */
final class Outage {
  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

  static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** How many times in a row a group runs again at once when other writers are in the way. */
  private static final int MOST_CONFLICTS = 3;

  /** How long after a failure {@link #recent} reports it, unless a commit succeeds before. */
  private static final long RECENT_NANOS = Duration.ofSeconds(10).toNanos();

  private final Pause pause;

  /** Whether the log reports that the database cannot be written to. */
  private final AtomicBoolean isLogged = new AtomicBoolean();

  /** The last failure since the last commit; null after a commit. Written by the writer. */
  private volatile @Nullable Failed lastFailure;

  /** How long the writer waits after the next failure. */
  private Duration nextPause = FIRST_PAUSE;

  /** How many times in a row other writers were in the way. */
  private int conflicts;

  private record Failed(StoreException why, long atNanos) {}

  Outage(Pause pause) {
    this.pause = pause;
  }

  /** Logs that the database cannot be written to, once for each outage. For any thread. */
  void log(@Nullable String cause, int queued) {
    if (isLogged.compareAndSet(false, true)) {
      log.warn("the database cannot be written to, queued={}, cause={}", queued, cause);
    }
  }

  /** Notes a failure of a group. */
  void failed(StoreException why) {
    lastFailure = new Failed(why, System.nanoTime());
  }

  /**
   * Returns the last failure since the last commit, if it is less than ten seconds old; otherwise
   * null. For any thread.
   */
  @Nullable StoreException recent() {
    Failed failed = lastFailure;
    return failed == null || System.nanoTime() - failed.atNanos() >= RECENT_NANOS
        ? null
        : failed.why();
  }

  /** Counts a conflict with other writers. Returns whether the group may run again at once. */
  boolean bearsAConflict() {
    return conflicts++ < MOST_CONFLICTS;
  }

  /** Waits before the next try, each time twice as long, up to {@link #LONGEST_PAUSE}. */
  void pause() throws InterruptedException {
    Duration now = nextPause;
    Duration doubled = now.multipliedBy(2);
    nextPause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    pause.pause(now);
  }

  /** Notes that the database has answered. */
  void isOver(int queued) {
    lastFailure = null;
    nextPause = FIRST_PAUSE;
    conflicts = 0;
    if (isLogged.compareAndSet(true, false)) {
      log.info("the database can be written to again, queued={}", queued);
    }
  }
}
