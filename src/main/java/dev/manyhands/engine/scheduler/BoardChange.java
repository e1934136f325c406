package dev.manyhands.engine.scheduler;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobStatus;
import java.time.Instant;

/** The newest change of a job. */
public sealed interface BoardChange {
  JobId job();

  /**
   * The part of a job that never changes.
   *
   * @param name the name of the job; may be empty
   * @param function the name of its function
   */
  record Label(JobId job, String name, String function, Instant submittedAt) {}

  /** A job is new or has changed, and has not ended. Its status is on the board. */
  record Live(Label label) implements BoardChange {
    @Override
    public JobId job() {
      return label.job();
    }
  }

  /**
   * A job has ended durably.
   *
   * @param last the last status, without the result, the error and the failures, which may be large
   */
  record Ended(Label label, JobStatus last) implements BoardChange {
    @Override
    public JobId job() {
      return label.job();
    }
  }

  /** A job was deleted. */
  record Deleted(JobId job) implements BoardChange {}

  /**
   * A change with its number.
   *
   * @param number grows with each change, from 1
   */
  record Numbered(long number, BoardChange change) {}
}
