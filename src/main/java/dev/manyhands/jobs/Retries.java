package dev.manyhands.jobs;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.intake.Intake;
import dev.manyhands.intake.NamedItems;
import dev.manyhands.intake.RetryBody;
import dev.manyhands.intake.RetryBody.Only;
import dev.manyhands.intake.StagedInputs;
import dev.manyhands.model.ErrorPattern;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Word;
import java.io.IOException;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a job from items of another job: those that have no value, or named ones. The inputs are
 * copied segment by segment, so that memory does not grow with their number.
 */
public final class Retries {
  private static final int READ_BYTES = 1 << 20;

  private final JobDesk jobs;
  private final Submissions submissions;
  private final JobStore store;
  private final ItemSource source;
  private final Intake intake;

  public Retries(
      JobDesk jobs, Submissions submissions, JobStore store, ItemSource source, Intake intake) {
    this.intake = intake;
    this.jobs = jobs;
    this.submissions = submissions;
    this.store = store;
    this.source = source;
  }

  /**
   * Returns the new job, which is durable when this method returns. Its items keep the order of the
   * old job.
   *
   * @param body of the request
   * @throws Refusal if the body is invalid, the job has not ended, or there is nothing to try again
   */
  public Job retry(JobId id, InputStream body) throws IOException {
    try (var hold = intake.memory().hold()) {
      byte[] text = hold.readSpec(body, this::tooLarge);
      return retry(id, intake.specs().retry(text));
    }
  }

  /** Retries one of several jobs; see {@link #retry(JobId, InputStream)}. */
  public Job retry(JobId id, RetryBody body) {
    try (var _ = jobs.keep(id)) {
      return retry(jobs.get(id), body);
    }
  }

  private Refusal tooLarge() {
    return Refusal.tooLarge(
        "", "this body may have at most " + intake.limits().maxSpecBytes() + " bytes");
  }

  private Job retry(Job job, RetryBody body) {
    JobId id = job.id();
    if (!job.status().state().isTerminal()) {
      throw Refusal.conflict(
          "job " + id + " is " + job.status().state() + "; wait until it has ended, or cancel it");
    }
    Only only = body.only();
    List<ItemRange> named = body.items();
    if (named != null) {
      NamedItems.check(named, job.status().tally().total());
    }
    JobSpec spec = job.spec().over(new Inputs.Listed(0), id);
    JobSpec changed = intake.specs().changed(spec, body);
    var copy = new Copy(job, submissions.staged());
    boolean taken = false;
    try {
      if (named == null) {
        copy.run(only, body.group());
      } else {
        named.stream().sorted(Comparator.comparingLong(ItemRange::first)).forEach(copy::add);
      }
      long items = copy.to.count();
      if (items == 0) {
        throw Refusal.conflict(
            body.group() == null
                ? "job " + id + " has no " + Word.of(only) + " items: there is nothing to retry"
                : "job "
                    + id
                    + " has no failed items of this group: GET …/errors lists its groups");
      }
      Job made =
          submissions.submit(changed.toBuilder().inputs(new Inputs.Listed(items)).build(), copy.to);
      taken = true;
      return made;
    } finally {
      if (!taken) {
        copy.to.abandon();
      }
    }
  }

  /** Copies inputs of the old job to the new one. */
  private final class Copy {
    private final Job from;
    private final StagedInputs to;

    /** The first item of the old job that was not looked at. */
    private long seen;

    Copy(Job from, StagedInputs to) {
      this.from = from;
      this.to = to;
    }

    /** Copies the items without a value, or only those whose error has a pattern. */
    void run(Only only, @Nullable ErrorPattern group) {
      long total = from.status().tally().total();
      if (total > 0) {
        store.outcomes(from.id(), new ItemRange(0, total), report -> take(report, only, group));
      }
      if (only == Only.UNFINISHED && seen < total) {
        add(new ItemRange(seen, total));
      }
    }

    private void take(OutcomeReport report, Only only, @Nullable ErrorPattern group) {
      ItemRange items = report.outcomes().items();
      if (only == Only.UNFINISHED && seen < items.first()) {
        add(new ItemRange(seen, items.first()));
      }
      for (ItemError error : report.outcomes().errors()) {
        if (group == null || group.matches(error)) {
          add(ItemRange.ofCount(error.index(), 1));
        }
      }
      seen = items.end();
    }

    private void add(ItemRange wanted) {
      long first = wanted.first();
      while (first < wanted.end()) {
        var read = source.read(from, new ItemRange(first, wanted.end()), READ_BYTES);
        to.addAll(read.joined(), read.range());
        first = read.range().end();
      }
    }
  }
}
