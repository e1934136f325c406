package dev.manyhands.jobs;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Trace;
import org.jspecify.annotations.Nullable;

/** Follows each submission, from its request until its job is stored. Called by any thread. */
public interface SubmissionListener {

  /** Begins to follow the submission by the request that this thread serves. */
  Submitting submitting();

  /**
   * Notes that a new job is stored. Called mostly by the store's writer thread, so it must be
   * quick.
   */
  void stored(Job job);

  /** A submission, until it is closed. Used by one thread. */
  interface Submitting extends AutoCloseable {

    /** Returns the trace to store with the job; null for none. */
    @Nullable Trace trace();

    /** Notes that the commit begins; close the returned handle when the job is durable. */
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
}
