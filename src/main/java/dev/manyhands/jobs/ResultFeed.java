package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.model.json.ValueJoiner;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.LogThrottle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the results of one job, in segments, into the inputs of another job, while the receiving
 * job already runs. A failed or skipped item becomes {@code null}. A job that reduces its results
 * gives one input. The number of items of the receiving job shows how much was copied, so a copy
 * that broke off can continue. The receiving job fails if the other job is deleted before all
 * results were copied, or if the store has lost outcomes of the other job.
 */
final class ResultFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ResultFeed.class);

  /**
   * Number of faults after which a copy is given up. Faults of the store do not count. Other faults
   * may pass, too, such as a lack of memory, but not every fault does.
   */
  private static final int MOST_FAULTS = 5;

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};
  private final JobStore store;
  private final Scheduler scheduler;
  private final Failing failing;
  private final Duration betweenTries;

  /** The jobs that inputs are being copied to. */
  private final Set<JobId> copied = ConcurrentHashMap.newKeySet();

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

  /**
   * Starts a thread that copies the results of {@code from}. The thread ends when everything is
   * copied, when {@code to} has ended or failed, or when the feed is closed. Another thread follows
   * if an error ends the thread before it can handle errors.
   */
  Thread begin(JobId to, JobId from) {
    var warnings = new LogThrottle(Duration.ofMinutes(1));
    return Thread.ofVirtual()
        .name("feed-" + to)
        .uncaughtExceptionHandler((thread, fault) -> {
          log.error("the results of job {} are copied to job {} anew", from, to, fault);
          begin(to, from);
        })
        .start(() -> copyUntilDone(to, from, warnings));
  }

  @Override
  public void close() {
    closed = true;
  }

  /**
   * Waits for a store that is away, however long the outage is. Any other fault that does not pass,
   * including an {@link Error}, ends the receiving job. Otherwise the job would stay open for ever.
   */
  private void copyUntilDone(JobId to, JobId from, LogThrottle warnings) {
    if (!copied.add(to)) {
      return; // two copies at once would append the items twice
    }
    try {
      copyAll(to, from, warnings);
    } finally {
      copied.remove(to);
    }
  }

  private void copyAll(JobId to, JobId from, LogThrottle warnings) {
    int faults = 0;
    while (!closed) {
      try {
        copy(to, from);
        return;
      } catch (JobGoneException deleted) {
        failAsDeleted(to, from);
        return;
      } catch (Throwable fault) {
        if (!isOfStore(fault)) {
          faults++;
          log.error("the results of job {} do not become inputs of job {}", from, to, fault);
        } else if (warnings.allows()) {
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
      failAsDeleted(to, from);
      return;
    }
    var copy = new Copy(to, target.get().status().tally().total());
    if (source.get().spec().reduce() != Reduce.LIST) {
      String result = source.get().status().result();
      copy.reduced(result == null ? "null" : result);
    } else if (hasLostOutcomes(source.get())) {
      failAsGone(to, "outcomes of job " + from + " are lost, which were to be copied as inputs");
      return;
    } else {
      copy.all(source.get());
    }
    copy.flush();
    if (!copy.isRefused) {
      store
          .closeInputs(to, InputsOwner.FEED)
          .join()
          .or(() -> closedTotal(to))
          .ifPresent(total -> scheduler.closeInputs(to, total));
    }
  }

  /** Returns the number of items of a job that an earlier try has closed without a word. */
  private Optional<Long> closedTotal(JobId to) {
    return store
        .find(to)
        .map(Job::status)
        .filter(stored -> !stored.state().isTerminal() && !stored.inputsOpen())
        .map(stored -> stored.tally().total());
  }

  /** Whether more items of an ended job have no outcome than its status counts as skipped. */
  private boolean hasLostOutcomes(Job source) {
    var tally = source.status().tally();
    return tally.total() - store.recordedItems(source.id()) > tally.skipped();
  }

  private void failAsDeleted(JobId to, JobId from) {
    failAsGone(to, "job " + from + " was deleted before its results were copied as inputs");
  }

  private void failAsGone(JobId to, String message) {
    failing.fail(to, "inputsGone", new JobError("INPUTS_GONE", message, null));
  }

  /** One attempt to copy, from the first item on that the receiving job does not have. */
  private final class Copy {
    private final JobId to;
    private long next;
    private final ValueJoiner segment = new ValueJoiner(1024);
    private int count;

    /** Whether the store refused a segment, because the receiving job has ended. */
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
      segment.add(bytes, start, end);
      count++;
      next++;
      if (segment.size() >= InputSegment.FULL_BYTES) {
        flush();
      }
    }

    void flush() {
      if (count == 0 || isRefused) {
        return;
      }
      Optional<ItemRange> taken = store.feed(to, segment.toBytes(), count).join();
      taken.ifPresent(items -> scheduler.append(to, items));
      isRefused = taken.isEmpty();
      segment.clear();
      count = 0;
    }
  }
}
