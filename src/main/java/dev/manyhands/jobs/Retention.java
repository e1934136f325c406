package dev.manyhands.jobs;

import dev.manyhands.model.JobId;
import dev.manyhands.store.JobStore;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes ended jobs whose retention time is over and that are not in use, and sets of shared
 * objects that nobody uses. Has a thread of its own.
 */
public final class Retention implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);
  private static final int AT_ONCE = 500;
  private static final long LOOK_MILLIS = 1_000;
  private static final long WHEN_AWAY_MILLIS = 30_000;

  private final JobStore store;
  private final Consumer<JobId> forgotten;
  private final Runnable sweepOfSets;
  private final Clock clock;
  private final Thread thread;

  /**
   * @param forgotten receives the id of each deleted job
   * @param sweepOfSets deletes expired sets
   */
  public Retention(JobStore store, Consumer<JobId> forgotten, Runnable sweepOfSets, Clock clock) {
    this.store = store;
    this.forgotten = forgotten;
    this.sweepOfSets = sweepOfSets;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("retention").unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  /** Whether the thread is alive. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void loop() {
    while (true) {
      long pause = LOOK_MILLIS;
      try {
        pause = forgetExpired() ? 0 : LOOK_MILLIS;
        sweepOfSets.run();
      } catch (RuntimeException | Error away) {
        log.warn("expired jobs and sets could not be removed: {}", away.toString());
        pause = WHEN_AWAY_MILLIS;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(pause);
      } catch (InterruptedException closed) {
        return;
      }
    }
  }

  /** Deletes expired jobs; returns whether there may be more. */
  boolean forgetExpired() {
    List<JobId> expired = store.expired(clock.instant(), AT_ONCE);
    for (JobId id : expired) {
      if (store.deleteExpired(id).join()) {
        forgotten.accept(id);
      }
    }
    return expired.size() == AT_ONCE;
  }
}
