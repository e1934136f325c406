package dev.manyhands.jobs;

import dev.manyhands.jobs.callback.Callbacks;
import dev.manyhands.model.Callback;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the end of each job reported to the receiver that its callback names. Safe for use by any
 * thread. Reads from the store in threads of its own, except in {@link #start}.
 */
public final class CallbackTrigger {
  private static final Logger log = LoggerFactory.getLogger(CallbackTrigger.class);

  /** Faults of the service after which a report waits for the next start. */
  private static final int MOST_FAULTS = 5;

  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final Callbacks callbacks;
  private final JobStore store;
  private final JobBody bodies;

  private final CountDownLatch closed = new CountDownLatch(1);

  /** Unfinished jobs with a callback. */
  private final Set<JobId> expected = ConcurrentHashMap.newKeySet();

  public CallbackTrigger(Callbacks callbacks, JobStore store, JobBody bodies) {
    this.callbacks = callbacks;
    this.store = store;
    this.bodies = bodies;
  }

  /**
   * Notes an unfinished job, so that {@link #ended} reports its end. Ignores a job without a
   * callback.
   */
  public void expect(Job job) {
    if (job.spec().callback() != null) {
      expected.add(job.id());
    }
  }

  /** Reports the ends of jobs that an earlier service had no time to report. */
  public void start() {
    for (DeliveryStore.Owed owed : callbacks.owed()) {
      tell(owed.job(), owed.callback());
    }
  }

  /**
   * Starts a thread that reports the end of a job, if {@link #expect} has noted the job. Called
   * when the end is durable.
   */
  public void ended(JobId id) {
    if (expected.contains(id)) {
      Thread.ofVirtual()
          .name("callback-of-" + id)
          .uncaughtExceptionHandler((thread, fault) -> {
            log.warn("the end of job {} is reported again", id, fault);
            ended(id);
          })
          .start(() -> tellInTime(id));
    }
  }

  /**
   * Gives up reports that wait for the store. They were announced, so the next start makes up for
   * them.
   */
  public void close() {
    closed.countDown();
  }

  /** Reports the end of the job as soon as the store answers. */
  private void tellInTime(JobId id) {
    expected.remove(id);
    try {
      int faults = 0;
      do {
        try {
          tell(id);
          return;
        } catch (JobGoneException deleted) {
          log.debug("the end of job {} need not be told any more", id, deleted);
          return;
        } catch (StoreException away) {
          log.debug("the end of job {} waits for the store to be told", id, away);
        } catch (RuntimeException | Error fault) {
          faults++;
          log.warn("the end of job {} could not be told", id, fault);
        }
      } while (faults < MOST_FAULTS && !closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (IOException | InterruptedException failure) {
      log.warn("the end of job {} is told after the next start", id, failure);
    }
  }

  private void tell(JobId id) throws IOException {
    Job job = store.find(id).orElse(null);
    if (job != null && job.spec().callback() != null) {
      var _ = callbacks.ended(job.spec().callback(), id, bodies.of(job));
    }
  }

  private void tell(JobId id, Callback callback) {
    try {
      Job job = store.find(id).orElse(null);
      if (job != null) {
        var _ = callbacks.ended(callback, id, bodies.of(job));
      }
    } catch (IOException | RuntimeException failure) {
      // The callback was announced with the job, so the next start makes up for the report.
      log.warn("the end of job {} will be told later", id, failure);
    }
  }
}
