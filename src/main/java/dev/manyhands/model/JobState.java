package dev.manyhands.model;

/** The stages of a job: {@code WAITING → QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED}. */
public enum JobState {
  /** The job waits for other jobs or for a time. */
  WAITING,
  /** Accepted and durable; no item has started yet. */
  QUEUED,
  /**
   * A chunk was handed to a worker, or an item has its outcome already, for example from the memo.
   */
  RUNNING,
  /**
   * Every item has an outcome or was cancelled, or results ended the job early. No more items
   * failed than the job allows.
   */
  SUCCEEDED,
  /**
   * More items failed than the job allows, or the job itself failed. All results are still
   * available.
   */
  FAILED,
  /**
   * A user ended the job, or nobody used an open job for its idle time. Finished items keep their
   * outcomes.
   */
  CANCELLED;

  /** Whether the job has ended and will never change again. */
  public boolean isTerminal() {
    return this == SUCCEEDED || this == FAILED || this == CANCELLED;
  }
}
