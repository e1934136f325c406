package dev.manyhands.tracing;

import dev.manyhands.job.JobId;
import dev.manyhands.job.Trace;
import dev.manyhands.scheduler.SchedulerListener;
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
          return new Untold(ClientTrace.ofThisRequest());
        }

        @Override
        public SchedulerListener besides(SchedulerListener listener) {
          return listener;
        }
      };

  /** Starts the span of a submission by the request that this thread serves, if it serves one. */
  Submitting submitting();

  /** Returns a listener that forwards to the given one and then records spans. */
  SchedulerListener besides(SchedulerListener listener);

  /** A submission, until it is closed. Used by one thread. */
  interface Submitting extends AutoCloseable {

    /** Returns the trace to store with the job; null for none. */
    @Nullable Trace trace();

    /** Starts the commit span; close the returned handle when the job is durable. */
    Committing committing();

    /**
     * Marks the submission as accepted. A submission that is closed without this call counts as
     * refused.
     */
    void accepted(JobId job);

    @Override
    void close();
  }

  /** A commit, until it is closed. */
  interface Committing extends AutoCloseable {
    @Override
    void close();
  }

  /** A submission without a span. */
  record Untold(@Nullable Trace trace) implements Submitting {
    private static final Committing UNTOLD = () -> {};

    @Override
    public Committing committing() {
      return UNTOLD;
    }

    @Override
    public void accepted(JobId job) {}

    @Override
    public void close() {}
  }
}
