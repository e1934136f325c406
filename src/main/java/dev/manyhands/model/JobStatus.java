package dev.manyhands.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a job at one moment. Immutable.
 *
 * @param startedAt when its first chunk was handed to a worker, or an outcome was known without a
 *     worker; null before
 * @param finishedAt when it ended; null before
 * @param inputsOpen whether more items may come
 * @param chunksRunning chunks that workers run now, without the chunks queued behind them
 * @param backsOff whether all items that are left wait for their backoff before they are tried
 *     again, so that the job needs no slot now
 * @param workersUsed the most workers it had at once
 * @param stopReason why the job ended before all items had run; null when it did not
 * @param error why the job itself failed; null when it did not
 * @param result the reduced result, as JSON; null before the end, and for a job that keeps all
 *     results
 * @param chunkSizes the sizes of its chunks, and the reasons for them
 * @param failures the kinds and types of the errors of its failed items
 * @param resumption when this service took over a job that an earlier service had started; null for
 *     any other job, and at the end
 */
public record JobStatus(
    JobState state,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    Tally tally,
    boolean inputsOpen,
    int chunksRunning,
    boolean backsOff,
    int workersUsed,
    @Nullable String stopReason,
    @Nullable JobError error,
    @Nullable String result,
    ChunkSizes chunkSizes,
    Failures failures,
    @Nullable Resumption resumption) {

  /** The stop reason of a job that ran longer than its {@code timeouts.job}. */
  public static final String TIMED_OUT = "timeout";

  /**
   * The moment at which this service took over the job. The speed of the job is counted from then
   * on, because the time before includes the downtime of the service.
   *
   * @param at when the job was taken over
   * @param ran items that had run before
   */
  public record Resumption(Instant at, long ran) {}

  public static JobStatusBuilder builder(JobState state, Tally tally) {
    return new JobStatusBuilder(state, tally);
  }

  /** Returns a builder that begins with the parts of this status. */
  public JobStatusBuilder toBuilder() {
    return new JobStatusBuilder(this);
  }

  /** Returns the status of a queued job whose items have all arrived. */
  public static JobStatus queued(long items) {
    return queued(items, false);
  }

  public static JobStatus queued(long items, boolean inputsOpen) {
    return builder(JobState.QUEUED, Tally.ofTotal(items)).inputsOpen(inputsOpen).build();
  }

  /**
   * Returns a copy in state {@code WAITING}, for a job that is not queued before something happens.
   */
  public JobStatus waiting() {
    return toBuilder().state(JobState.WAITING).build();
  }

  /** Returns a copy with the reduced result of the job; null for none. */
  public JobStatus withResult(@Nullable String newResult) {
    return toBuilder().result(newResult).build();
  }

  /** Returns a copy with this many more items, which never ran. */
  public JobStatus withSkipped(long items) {
    return items == 0 ? this : toBuilder().tally(tally.plusSkipped(items)).build();
  }

  /** Returns a copy with at least this many items. */
  public JobStatus withItems(long atLeast) {
    long more = atLeast - tally.total();
    return more <= 0 ? this : toBuilder().tally(tally.plusItems(more)).build();
  }

  /** Returns a copy that gets no more items. */
  public JobStatus withInputsClosed() {
    return toBuilder().inputsOpen(false).build();
  }

  /** Returns a copy for a job that has itself failed, for this reason. */
  public JobStatus failed(String newStopReason, JobError newError) {
    return toBuilder().state(JobState.FAILED).stopReason(newStopReason).error(newError).build();
  }
}
