package dev.manyhands.telemetry;

import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.jobs.SubmissionListener.Committing;
import dev.manyhands.jobs.SubmissionListener.Submitting;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Trace;
import org.jspecify.annotations.Nullable;

/**
 * Traces each job from the request that submits it to the commit of its end. Data that must outlive
 * this process is stored with the job ({@link Trace}). Each span is recorded when it is over, so
 * nothing is held for a running job.
 */
public interface JobTraces {

  /** Makes no spans. The client's trace is still stored with the job. */
  JobTraces NONE =
      new JobTraces() {
        @Override
        public Submitting submitting() {
          return new NoSpan(ClientTrace.ofThisRequest());
        }

        @Override
        public SchedulerListener andThen(SchedulerListener listener) {
          return listener;
        }
      };

  /**
   * Starts the span of a submission. The span continues the client's trace if this thread serves a
   * request that has one.
   */
  Submitting submitting();

  /** Returns a listener that forwards to the given one and then records spans. */
  SchedulerListener andThen(SchedulerListener listener);

  /** A submission without a span. */
  record NoSpan(@Nullable Trace trace) implements Submitting {
    private static final Committing NO_COMMIT = () -> {};

    @Override
    public Committing committing() {
      return NO_COMMIT;
    }

    @Override
    public void accepted(JobId job) {}

    @Override
    public void close() {}
  }
}
