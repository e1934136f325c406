package dev.manyhands.jobs;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.intake.JobOptions;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Word;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes a job from the items of another job that have no value. The inputs are copied segment by
 * segment, so that memory does not grow with their number.
 */
public final class Retries {
  private static final int SEGMENT_BYTES = 256 << 10;
  private static final int READ_BYTES = 1 << 20;

  private final JobDesk jobs;
  private final Submissions submissions;
  private final JobStore store;
  private final ItemSource source;

  public Retries(JobDesk jobs, Submissions submissions, JobStore store, ItemSource source) {
    this.jobs = jobs;
    this.submissions = submissions;
    this.store = store;
    this.source = source;
  }

  /** Selects the items that are tried again. */
  public enum Only {
    /** Items with an error. */
    FAILED,
    /** Items with an error, and items without an outcome. */
    UNFINISHED
  }

  /** The body of {@code POST /jobs/{id}/retry}. An absent body counts as an empty object. */
  public record RetryRequest(@Nullable String only) {
    public Only which() {
      return JobOptions.oneOf(Only.class, only, Only.FAILED, "/only");
    }
  }

  /**
   * Returns the new job, which is durable when this method returns. Its items keep the order of the
   * old job.
   *
   * @throws Refusal if the job has not ended, or there is nothing to try again
   */
  public Job retry(JobId id, Only only) {
    try (var _ = jobs.keep(id)) {
      return retry(jobs.get(id), only);
    }
  }

  private Job retry(Job job, Only only) {
    JobId id = job.id();
    if (!job.status().state().isTerminal()) {
      throw Refusal.conflict(
          "job " + id + " is " + job.status().state() + "; wait until it has ended, or cancel it");
    }
    var copy = new Copy(job, submissions.nextId());
    boolean taken = false;
    try {
      copy.run(only);
      if (copy.next == 0) {
        throw Refusal.conflict(
            "job " + id + " has no " + Word.of(only) + " items: there is nothing to retry");
      }
      Job made =
          submissions.submit(
              copy.to, job.spec().over(new Inputs.Listed(copy.next), id), copy.lastSegment());
      taken = true;
      return made;
    } finally {
      if (!taken) {
        var _ = store.dropInputs(copy.to);
      }
    }
  }

  /** One run over the outcomes of the old job. */
  private final class Copy {
    private final Job from;
    private final JobId to;

    /** The number of items of the new job so far. */
    private long next;

    private long segmentFirst;
    private ByteArrayOutputStream segment = new ByteArrayOutputStream();
    private CompletableFuture<Void> sent = CompletableFuture.completedFuture(null);

    /** The first item of the old job that was not looked at. */
    private long seen;

    Copy(Job from, JobId to) {
      this.from = from;
      this.to = to;
    }

    void run(Only only) {
      long total = from.status().tally().total();
      if (total > 0) {
        store.outcomes(from.id(), new ItemRange(0, total), report -> take(report, only));
      }
      if (only == Only.UNFINISHED && seen < total) {
        add(new ItemRange(seen, total));
      }
      sent.join();
    }

    private void take(OutcomeReport report, Only only) {
      ItemRange items = report.outcomes().items();
      if (only == Only.UNFINISHED && seen < items.first()) {
        add(new ItemRange(seen, items.first()));
      }
      for (ItemError error : report.outcomes().errors()) {
        add(ItemRange.ofCount(error.index(), 1));
      }
      seen = items.end();
    }

    private void add(ItemRange wanted) {
      long first = wanted.first();
      while (first < wanted.end()) {
        var read = source.read(from, new ItemRange(first, wanted.end()), READ_BYTES);
        if (segment.size() > 0) {
          segment.write(',');
        }
        segment.writeBytes(read.joined());
        next += read.range().count();
        first = read.range().end();
        if (segment.size() >= SEGMENT_BYTES) {
          sendAhead();
        }
      }
    }

    private void sendAhead() {
      sent.join();
      InputSegment full = lastSegment();
      if (full != null) {
        sent = store.addInputs(to, full);
        segmentFirst = next;
        segment = new ByteArrayOutputStream();
      }
    }

    @Nullable InputSegment lastSegment() {
      return next == segmentFirst
          ? null
          : new InputSegment(new ItemRange(segmentFirst, next), segment.toByteArray());
    }
  }
}
