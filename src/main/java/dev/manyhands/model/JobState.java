package dev.manyhands.model;

/** The stages of a job: {@code WAITING → QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED}. */
public enum JobState {
  /** The job waits for other jobs or for a time. */
  WAITING,
  /** Accepted and durable; no item has started yet. */
  QUEUED,
  /** At least one chunk was handed to a worker. */
  RUNNING,
  /** Every item has an outcome and no item failed, or the job ended early as requested. */
  SUCCEEDED,
  /** At least one item failed, or the job itself did. All other results are still available. */
  FAILED,
  /** A user ended the job; finished items keep their outcomes. */
  CANCELLED;

  /** Whether the job has ended and will never change again. */
  public boolean isTerminal() {
    return this == SUCCEEDED || this == FAILED || this == CANCELLED;
  }
}
