package dev.manyhands.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a job is: an immutable picture of one moment.
 *
 * @param startedAt when its first chunk was handed to a worker; null before
 * @param finishedAt when it ended; null before
 * @param inputsOpen whether more items may come
 * @param chunksRunning chunks that workers are at now, without those queued behind them
 * @param workersUsed the most workers it had at once
 * @param stopReason why it ended before all items had run; null when it did not
 * @param error why the job itself failed; null when it did not
 * @param result what its results were reduced to, as JSON; null for a job that keeps them all, and
 *     before the end
 * @param chunkSizes how large its chunks were, and why
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
    int workersUsed,
    @Nullable String stopReason,
    @Nullable JobError error,
    @Nullable String result,
    ChunkSizes chunkSizes,
    @Nullable Resumption resumption) {

  /**
   * Where this service began with a job. The speed of the job is counted from there: the time
   * before has the downtime of the service in it.
   *
   * @param at when it was taken over
   * @param ran items that had run before
   */
  public record Resumption(Instant at, long ran) {}

  /** A job that no earlier service had started. */
  public JobStatus(
      JobState state,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      Tally tally,
      boolean inputsOpen,
      int chunksRunning,
      int workersUsed,
      @Nullable String stopReason,
      @Nullable JobError error,
      @Nullable String result,
      ChunkSizes chunkSizes) {
    this(
        state,
        startedAt,
        finishedAt,
        tally,
        inputsOpen,
        chunksRunning,
        workersUsed,
        stopReason,
        error,
        result,
        chunkSizes,
        null);
  }

  /** The stop reason of a job that ran longer than its {@code timeouts.job}. */
  public static final String TIMED_OUT = "timeout";

  /** A job whose items are all there. */
  public static JobStatus queued(long items) {
    return queued(items, false);
  }

  /** The same before it may be queued. */
  public JobStatus waiting() {
    return new JobStatus(
        JobState.WAITING,
        startedAt,
        finishedAt,
        tally,
        inputsOpen,
        chunksRunning,
        workersUsed,
        stopReason,
        error,
        result,
        chunkSizes,
        resumption);
  }

  /** Returns a copy with the reduced result of the job; null for none. */
  public JobStatus withResult(@Nullable String newResult) {
    return new JobStatus(
        state,
        startedAt,
        finishedAt,
        tally,
        inputsOpen,
        chunksRunning,
        workersUsed,
        stopReason,
        error,
        newResult,
        chunkSizes,
        resumption);
  }

  /** Returns a copy with this many more items, which never ran. */
  public JobStatus withSkipped(long items) {
    return items == 0 ? this : withTally(tally.plusSkipped(items));
  }

  /** Returns a copy with at least this many items. */
  public JobStatus withItems(long atLeast) {
    long more = atLeast - tally.total();
    return more <= 0 ? this : withTally(tally.plusItems(more));
  }

  /** Returns a copy that gets no more items. */
  public JobStatus withInputsClosed() {
    return with(tally, false);
  }

  private JobStatus withTally(Tally newTally) {
    return with(newTally, inputsOpen);
  }

  private JobStatus with(Tally newTally, boolean newInputsOpen) {
    return new JobStatus(
        state,
        startedAt,
        finishedAt,
        newTally,
        newInputsOpen,
        chunksRunning,
        workersUsed,
        stopReason,
        error,
        result,
        chunkSizes,
        resumption);
  }

  /** Returns a copy for a job that has itself failed, for this reason. */
  public JobStatus failed(String newStopReason, JobError newError) {
    return new JobStatus(
        JobState.FAILED,
        startedAt,
        finishedAt,
        tally,
        inputsOpen,
        chunksRunning,
        workersUsed,
        newStopReason,
        newError,
        result,
        chunkSizes,
        resumption);
  }

  public static JobStatus queued(long items, boolean inputsOpen) {
    return new JobStatus(
        JobState.QUEUED,
        null,
        null,
        Tally.ofTotal(items),
        inputsOpen,
        0,
        0,
        null,
        null,
        null,
        ChunkSizes.NONE);
  }
}
