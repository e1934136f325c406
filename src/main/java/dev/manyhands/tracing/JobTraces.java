package dev.manyhands.tracing;

import dev.manyhands.job.JobId;
import dev.manyhands.job.Trace;
import dev.manyhands.scheduler.SchedulerListener;
import org.jspecify.annotations.Nullable;

/**
 * Follows each job from the request that submits it to the commit of its end. What must outlive
 * this process is kept with the job ({@link Trace}), all else is told when it is over: nothing is
 * held for a job that runs.
 */
public interface JobTraces {

  /** Makes no spans. What a client says of its trace is kept with the job all the same. */
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

  /** A job is about to be submitted, by the request that this thread serves, if it serves one. */
  Submitting submitting();

  /** Hears what this listener hears, after it. */
  SchedulerListener besides(SchedulerListener listener);

  /** A submission, until it is closed. Used by one thread. */
  interface Submitting extends AutoCloseable {

    /** What the job is to keep; null for nothing. */
    @Nullable Trace trace();

    /** The job is being stored, until what this gives is closed. */
    Committing committing();

    /** It was taken in; what is closed before was refused. */
    void accepted(JobId job);

    @Override
    void close();
  }

  /** A commit, until it is closed. */
  interface Committing extends AutoCloseable {
    @Override
    void close();
  }

  /** A submission of which nobody is told. */
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
