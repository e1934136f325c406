package dev.manyhands.http.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.manyhands.http.JobPath;
import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.Failures;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobOutline;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.Tally;
import dev.manyhands.support.Word;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * A job as clients see it. Durations are in seconds.
 *
 * @param notes hints for the user; null where many jobs are shown, because notes cost queries
 */
@JsonSerialize(using = JobViewWriter.class)
public record JobView(
    String id,
    String name,
    JobState state,
    @Nullable String stopReason,
    FunctionRef function,
    Items items,
    boolean inputsOpen,
    Chunks chunks,
    Progress progress,
    Instant submittedAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Double elapsedSeconds,
    double workSeconds,
    @Nullable Double speedup,
    @Nullable Double efficiency,
    int workersUsed,
    @Nullable Integer workers,
    int threads,
    @Nullable Long memory,
    Object maxFailures,
    boolean paused,
    ChunkSizes chunkSizes,
    @Nullable String parentId,
    List<String> after,
    @Nullable Instant notBefore,
    @Nullable Double ttl,
    @Nullable Double idle,
    int priority,
    @Nullable Long seed,
    String values,
    @Nullable String description,
    Map<String, String> labels,
    @JsonInclude(JsonInclude.Include.NON_NULL) @JsonRawValue @Nullable String result,
    @Nullable JobError error,
    FailureCounts failures,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> notes,
    Links links) {

  public JobView {
    notes = notes == null ? null : List.copyOf(notes);
  }

  record FunctionRef(String name, String digest, String runtime) {}

  /**
   * Counts of items. {@code done} is the sum of {@code succeeded}, {@code failed} and {@code
   * skipped}.
   */
  public record Items(
      long total, long done, long succeeded, long failed, long skipped, long cached) {

    public static Items of(Tally tally) {
      return new Items(
          tally.total(),
          tally.done(),
          tally.succeeded(),
          tally.failed(),
          tally.skipped(),
          tally.cached());
    }
  }

  /**
   * The failed items by kind and type of their errors.
   *
   * @param groups the largest first
   * @param others failed items that are in no group
   */
  public record FailureCounts(List<Failures.Group> groups, long others) {
    static FailureCounts of(JobStatus status) {
      Failures failures = status.failures();
      return new FailureCounts(failures.largestFirst(), failures.others(status.tally().failed()));
    }
  }

  public record Chunks(long done, int running) {}

  public record Progress(
      @Nullable Double fraction, @Nullable Double itemsPerSecond, @Nullable Double etaSeconds) {}

  record Links(
      String self,
      String results,
      String items,
      String errors,
      String events,
      String log,
      String timeline,
      String report,
      String request,
      String cancel) {}

  /**
   * @param result the reduced result, or all results as a JSON array if they are available and few;
   *     null otherwise
   */
  public static JobView of(JobSummary job, Instant now, @Nullable String result) {
    return of(job, now, result, null);
  }

  /** Returns the view of a job with notes for its user. */
  public static JobView of(
      JobSummary job, Instant now, @Nullable String result, @Nullable List<String> notes) {
    JobOutline outline = job.outline();
    JobStatus status = job.status();
    Tally tally = status.tally();
    String self = JobPath.of(job.id());
    Double elapsed = elapsed(status, now);
    Double speedup = elapsed == null || elapsed <= 0 ? null : tally.workSeconds() / elapsed;
    int workers = status.workersUsed();
    return new JobView(
        job.id().toString(),
        outline.name(),
        status.state(),
        status.stopReason(),
        new FunctionRef(job.functionName(), job.functionDigest(), job.runtime().label()),
        Items.of(tally),
        status.inputsOpen(),
        new Chunks(tally.chunks(), status.chunksRunning()),
        progress(status, outline.paused(), now),
        job.submittedAt(),
        status.startedAt(),
        status.finishedAt(),
        rounded(elapsed),
        Math.round(tally.workSeconds() * 1e6) / 1e6,
        rounded(speedup),
        speedup == null || workers == 0 ? null : rounded(speedup / workers),
        workers,
        outline.workers(),
        outline.threads(),
        outline.memory(),
        outline.maxFailuresPercent() == null
            ? outline.maxFailures()
            : BigDecimal.valueOf(outline.maxFailuresPercent()).stripTrailingZeros().toPlainString()
                + "%",
        outline.paused(),
        status.chunkSizes(),
        outline.parent() == null ? null : outline.parent().toString(),
        outline.after().stream().map(JobId::toString).toList(),
        outline.notBefore(),
        seconds(outline.ttl()),
        seconds(outline.idle()),
        outline.priority(),
        outline.seed(),
        Word.of(outline.values()),
        outline.description(),
        outline.labels(),
        result,
        status.error(),
        FailureCounts.of(status),
        notes,
        new Links(
            self,
            self + "/results",
            self + "/items",
            self + "/errors",
            self + "/events",
            self + "/log",
            self + "/timeline",
            self + "/report",
            self + "/request",
            self + "/cancel"));
  }

  private static @Nullable Double elapsed(JobStatus status, Instant now) {
    return status.startedAt() == null ? null : seconds(status.startedAt(), status, now);
  }

  private static @Nullable Double seconds(@Nullable Duration time) {
    return time == null ? null : rounded(time.toNanos() / 1e9);
  }

  private static double seconds(Instant since, JobStatus status, Instant now) {
    Instant until = status.finishedAt() == null ? now : status.finishedAt();
    return Math.max(0, Duration.between(since, until).toNanos() / 1e9);
  }

  private static Progress progress(JobStatus status, boolean paused, Instant now) {
    Tally tally = status.tally();
    boolean allKnown = !status.inputsOpen();
    boolean hasFraction = allKnown && !hasEndedUnstarted(status);
    Double fraction = hasFraction ? Double.valueOf(fraction(tally)) : null;
    boolean running = !status.state().isTerminal();
    Double rate = running && paused ? null : itemsPerSecond(status, now);
    Double eta =
        rate == null || !running || !allKnown ? null : (tally.total() - tally.done()) / rate;
    return new Progress(rounded(fraction), rounded(rate), rounded(eta));
  }

  /**
   * Returns the speed since the job started, or since this service took it over; null before any
   * item has run.
   */
  private static @Nullable Double itemsPerSecond(JobStatus status, Instant now) {
    var resumption = status.resumption();
    Instant since = resumption == null ? status.startedAt() : resumption.at();
    long ran = status.tally().ran() - (resumption == null ? 0 : resumption.ran());
    double seconds = since == null ? 0 : seconds(since, status, now);
    return seconds <= 0 || ran == 0 ? null : Double.valueOf(ran / seconds);
  }

  /**
   * Returns whether the job ended before it started, for example because a job before it failed.
   * All its items are skipped then. They count as done, and would look like progress. A job without
   * items succeeds without a start.
   */
  private static boolean hasEndedUnstarted(JobStatus status) {
    JobState state = status.state();
    return state.isTerminal() && state != JobState.SUCCEEDED && status.startedAt() == null;
  }

  private static double fraction(Tally tally) {
    return tally.total() == 0 ? 1 : (double) tally.done() / tally.total();
  }

  /** Rounds to six decimals, because times are measured in microseconds. */
  private static Double rounded(double value) {
    return Math.round(value * 1e6) / 1e6;
  }

  private static @Nullable Double rounded(@Nullable Double value) {
    return value == null ? null : Double.valueOf(Math.round(value * 1e6) / 1e6);
  }
}
