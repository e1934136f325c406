package dev.manyhands.flow;

import dev.manyhands.job.InputsOwner;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobError;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobSpec.Reduce;
import dev.manyhands.json.JoinedValues;
import dev.manyhands.scheduler.Scheduler;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.OutcomeReport;
import dev.manyhands.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the results of one job the inputs of another, in segments, while the other already runs. A
 * failed or skipped item is {@code null} there; of a job that reduces its results there is one.
 * What was copied is known by how many items the other has, so that a copy that broke off goes on.
 * When the job with the results is deleted before all were copied, the other fails.
 */
final class ResultFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ResultFeed.class);
  private static final int SEGMENT_BYTES = 256 << 10;

  /** A fault that is not the store's may pass too, such as want of memory; but not each does. */
  private static final int MOST_FAULTS = 5;

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
  private static final long TOLD_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};
  private final JobStore store;
  private final Scheduler scheduler;
  private final Failing failing;
  private final Duration betweenTries;
  private volatile boolean closed;

  /** Ends a job whose inputs cannot be copied. */
  @FunctionalInterface
  interface Failing {
    void fail(JobId job, String stopReason, JobError error);
  }

  ResultFeed(JobStore store, Scheduler scheduler) {
    this(store, scheduler, scheduler::fail, BETWEEN_TRIES);
  }

  ResultFeed(JobStore store, Scheduler scheduler, Failing failing, Duration betweenTries) {
    this.store = store;
    this.scheduler = scheduler;
    this.failing = failing;
    this.betweenTries = betweenTries;
  }

  /** Copies in a thread of its own, which ends when all is copied, or there is nothing to do. */
  Thread begin(JobId to, JobId from) {
    return Thread.ofVirtual().name("feed-" + to).start(() -> copyUntilDone(to, from));
  }

  @Override
  public void close() {
    closed = true;
  }

  /**
   * Waits for a store that is away, however long. Any other fault, an {@link Error} among them,
   * ends the other job when the fault does not pass: nobody else would, and the job would stay
   * open.
   */
  private void copyUntilDone(JobId to, JobId from) {
    long toldNanos = System.nanoTime() - TOLD_EVERY_NANOS - 1;
    int faults = 0;
    while (!closed) {
      try {
        copy(to, from);
        return;
      } catch (JobGoneException deleted) {
        failAsGone(to, from);
        return;
      } catch (Throwable fault) {
        if (!isOfStore(fault)) {
          faults++;
          log.error("the results of job {} do not become inputs of job {}", from, to, fault);
        } else if (System.nanoTime() - toldNanos > TOLD_EVERY_NANOS) {
          toldNanos = System.nanoTime();
          log.warn("the results of job {} wait to become inputs of job {}", from, to, fault);
        }
      }
      if (faults == MOST_FAULTS) {
        failing.fail(
            to,
            "inputsFailed",
            new JobError(
                "INPUTS_FAILED",
                "the results of job "
                    + from
                    + " could not be copied as inputs; the service's log"
                    + " says more",
                null));
        return;
      }
      try {
        Thread.sleep(betweenTries);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static boolean isOfStore(Throwable fault) {
    Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
    return cause instanceof StoreException;
  }

  private void copy(JobId to, JobId from) {
    Optional<Job> source = store.find(from);
    Optional<Job> target = store.find(to);
    if (target.isEmpty() || target.get().status().state().isTerminal()) {
      return;
    }
    if (source.isEmpty()) {
      failAsGone(to, from);
      return;
    }
    var copy = new Copy(to, target.get().status().tally().total());
    if (source.get().spec().reduce() != Reduce.LIST) {
      String result = source.get().status().result();
      copy.reduced(result == null ? "null" : result);
    } else {
      copy.all(source.get());
    }
    copy.flush();
    if (!copy.isRefused) {
      store
          .closeInputs(to, InputsOwner.FEED)
          .join()
          .ifPresent(total -> scheduler.closeInputs(to, total));
    }
  }

  private void failAsGone(JobId to, JobId from) {
    failing.fail(
        to,
        "inputsGone",
        new JobError(
            "INPUTS_GONE",
            "job " + from + " was deleted before its results were copied as inputs",
            null));
  }

  /** One run over the results. */
  private final class Copy {
    private final JobId to;
    private long next;
    private ByteArrayOutputStream segment = new ByteArrayOutputStream();
    private int count;

    /** The other job has ended. */
    private boolean isRefused;

    Copy(JobId to, long next) {
      this.to = to;
      this.next = next;
    }

    void reduced(String result) {
      if (next == 0) {
        byte[] bytes = result.getBytes(StandardCharsets.UTF_8);
        add(bytes, 0, bytes.length);
      }
    }

    void all(Job source) {
      long total = source.status().tally().total();
      if (next < total) {
        store.outcomes(source.id(), new ItemRange(next, total), this::take);
        nothingUpTo(total);
      }
    }

    private void take(OutcomeReport report) {
      ItemRange items = report.outcomes().items();
      nothingUpTo(items.first());
      var values = JoinedValues.stored(report.outcomes().values(), Math.toIntExact(items.count()));
      while (next < items.end() && !isRefused) {
        int at = (int) (next - items.first());
        add(values.bytes(), values.start(at), values.end(at));
      }
    }

    private void nothingUpTo(long index) {
      while (next < index && !isRefused) {
        add(NULL, 0, NULL.length);
      }
    }

    private void add(byte[] bytes, int start, int end) {
      if (count > 0) {
        segment.write(',');
      }
      segment.write(bytes, start, end - start);
      count++;
      next++;
      if (segment.size() >= SEGMENT_BYTES) {
        flush();
      }
    }

    void flush() {
      if (count == 0 || isRefused) {
        return;
      }
      Optional<ItemRange> taken = store.feed(to, segment.toByteArray(), count).join();
      taken.ifPresent(items -> scheduler.append(to, items));
      isRefused = taken.isEmpty();
      segment = new ByteArrayOutputStream(SEGMENT_BYTES + 1024);
      count = 0;
    }
  }
}
