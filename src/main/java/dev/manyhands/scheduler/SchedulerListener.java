package dev.manyhands.scheduler;

import dev.manyhands.job.Job;
import dev.manyhands.job.JobStatus;
import dev.manyhands.store.JobStore.OutcomeReport;
import java.time.Duration;

/**
 * Is told what the scheduler does, for metrics and traces. Called in its thread, if nothing else is
 * said; must return at once.
 */
public interface SchedulerListener {

  /** The first chunk of a job was handed out. */
  void started(Job job, Duration waited);

  /** A worker has reported on items, or they were remembered. */
  void reported(Job job, OutcomeReport report);

  /** What a worker has reported is on disk. Called by any thread. */
  default void stored(Job job, OutcomeReport report) {}

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
