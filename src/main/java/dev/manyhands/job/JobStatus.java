package dev.manyhands.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a job is: an immutable picture of one moment.
 *
 * @param startedAt when its first chunk was handed to a worker; null before
 * @param finishedAt when it ended; null before
 * @param chunksRunning chunks with workers now
 * @param workersUsed the most workers it had at once
 * @param stopReason why it ended before all items had run; null when it did not
 * @param error why the job itself failed; null when it did not
 */
public record JobStatus(
    JobState state,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    Tally tally,
    int chunksRunning,
    int workersUsed,
    @Nullable String stopReason,
    @Nullable JobError error) {

  public static JobStatus queued(long items) {
    return new JobStatus(JobState.QUEUED, null, null, Tally.ofTotal(items), 0, 0, null, null);
  }
}
