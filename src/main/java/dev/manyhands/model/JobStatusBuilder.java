package dev.manyhands.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Collects the parts of a {@link JobStatus}, which describes each of them. A part that is not set
 * is absent, 0 or false, or has the value of the status that the builder began with.
 *
 * <p>Used by one thread.
 */
public final class JobStatusBuilder {
  private JobState state;
  private @Nullable Instant startedAt;
  private @Nullable Instant finishedAt;
  private Tally tally;
  private boolean inputsOpen;
  private int chunksRunning;
  private boolean backsOff;
  private int workersUsed;
  private @Nullable String stopReason;
  private @Nullable JobError error;
  private @Nullable String result;
  private ChunkSizes chunkSizes = ChunkSizes.NONE;
  private Failures failures = Failures.NONE;
  private JobStatus.@Nullable Resumption resumption;

  JobStatusBuilder(JobState state, Tally tally) {
    this.state = state;
    this.tally = tally;
  }

  JobStatusBuilder(JobStatus from) {
    this.state = from.state();
    this.startedAt = from.startedAt();
    this.finishedAt = from.finishedAt();
    this.tally = from.tally();
    this.inputsOpen = from.inputsOpen();
    this.chunksRunning = from.chunksRunning();
    this.backsOff = from.backsOff();
    this.workersUsed = from.workersUsed();
    this.stopReason = from.stopReason();
    this.error = from.error();
    this.result = from.result();
    this.chunkSizes = from.chunkSizes();
    this.failures = from.failures();
    this.resumption = from.resumption();
  }

  public JobStatusBuilder state(JobState newState) {
    state = newState;
    return this;
  }

  public JobStatusBuilder startedAt(@Nullable Instant newStartedAt) {
    startedAt = newStartedAt;
    return this;
  }

  public JobStatusBuilder finishedAt(@Nullable Instant newFinishedAt) {
    finishedAt = newFinishedAt;
    return this;
  }

  public JobStatusBuilder tally(Tally newTally) {
    tally = newTally;
    return this;
  }

  public JobStatusBuilder inputsOpen(boolean newInputsOpen) {
    inputsOpen = newInputsOpen;
    return this;
  }

  public JobStatusBuilder chunksRunning(int newChunksRunning) {
    chunksRunning = newChunksRunning;
    return this;
  }

  public JobStatusBuilder backsOff(boolean newBacksOff) {
    backsOff = newBacksOff;
    return this;
  }

  public JobStatusBuilder workersUsed(int newWorkersUsed) {
    workersUsed = newWorkersUsed;
    return this;
  }

  public JobStatusBuilder stopReason(@Nullable String newStopReason) {
    stopReason = newStopReason;
    return this;
  }

  public JobStatusBuilder error(@Nullable JobError newError) {
    error = newError;
    return this;
  }

  public JobStatusBuilder result(@Nullable String newResult) {
    result = newResult;
    return this;
  }

  public JobStatusBuilder chunkSizes(ChunkSizes newChunkSizes) {
    chunkSizes = newChunkSizes;
    return this;
  }

  public JobStatusBuilder failures(Failures newFailures) {
    failures = newFailures;
    return this;
  }

  public JobStatusBuilder resumption(JobStatus.@Nullable Resumption newResumption) {
    resumption = newResumption;
    return this;
  }

  public JobStatus build() {
    return new JobStatus(
        state,
        startedAt,
        finishedAt,
        tally,
        inputsOpen,
        chunksRunning,
        backsOff,
        workersUsed,
        stopReason,
        error,
        result,
        chunkSizes,
        failures,
        resumption);
  }
}
