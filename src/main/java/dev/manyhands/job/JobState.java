package dev.manyhands.job;

/**
 * Where a job is in its life: {@code WAITING → QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED}.
 */
public enum JobState {
  /** For other jobs or for a time. */
  WAITING,
  /** Accepted and durable; no item has started yet. */
  QUEUED,
  /** At least one chunk was handed to a worker. */
  RUNNING,
  /**
   * Every item has an outcome and none of them failed, or the job ended early as it was asked to.
   */
  SUCCEEDED,
  /** At least one item failed, or the job itself did; all other results are there all the same. */
  FAILED,
  /** A user ended it; finished items keep their outcomes. */
  CANCELLED;

  /** Whether the job has ended: it will never change again. */
  public boolean isTerminal() {
    return this == SUCCEEDED || this == FAILED || this == CANCELLED;
  }
}
