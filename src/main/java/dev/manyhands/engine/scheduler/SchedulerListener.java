package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import java.time.Duration;

/**
 * Receives what the scheduler does, for metrics and traces. The scheduler thread calls the methods,
 * unless their comments name another thread. They must return at once.
 */
public interface SchedulerListener {

  /** A job has started: an item was handed out, or has an outcome without a run. */
  void started(Job job, Duration waited);

  /** Items have outcomes, from a worker, the memo, or the service in place of a lost worker. */
  void reported(Job job, OutcomeReport report);

  /** Outcomes that were {@link #reported} before are on disk. Called by any thread. */
  default void stored(Job job, OutcomeReport report) {}

  /** A job has ended. Called by the scheduler thread, or by the thread of waiting jobs. */
  void finished(Job job, JobStatus status);

  /** The end of a job is on disk. Called by any thread. */
  default void ended(Job job, JobStatus status) {}

  SchedulerListener NONE =
      new SchedulerListener() {
        @Override
        public void started(Job job, Duration waited) {}

        @Override
        public void reported(Job job, OutcomeReport report) {}

        @Override
        public void finished(Job job, JobStatus status) {}
      };
}
