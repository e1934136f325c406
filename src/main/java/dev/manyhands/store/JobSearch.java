package dev.manyhands.store;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobSummary;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds stored jobs. Safe for use by any thread; each method blocks the calling thread.
 *
 * <p>The states are those of the rows. The row of an unfinished job may be behind the job: the row
 * is {@code QUEUED} for a moment while the job runs already. The row of a job that has ended is
 * final.
 */
public interface JobSearch {

  /** A job, and the state of its row. */
  record Found(JobId id, JobState state) {}

  /**
   * Returns the jobs that match the filter at one moment, the newest first. Neither the states nor
   * the text of the filter count.
   *
   * @param states of the rows; empty for any state
   * @param before only jobs older than this one; null for the newest
   */
  List<Found> find(JobFilter filter, Set<JobState> states, @Nullable JobId before, int limit);

  /** Returns the jobs in which the text occurs, in the order of the given jobs. */
  List<JobId> withText(List<JobId> jobs, SearchText text);

  /**
   * Returns these jobs without their large parts, newest first. Jobs that are gone are left out.
   */
  List<JobSummary> summaries(Collection<JobId> jobs);

  /**
   * Counts the jobs that match the filter, by one statement. Neither the states nor the text of the
   * filter count.
   *
   * <p>The statement counts among the newest {@code most} jobs of each state. A parent, a label, a
   * function or a time replaces the state: the statement counts among the newest {@code most} jobs
   * with the first of these four that is given. Only these jobs are compared with the other
   * members.
   */
  Counted count(JobFilter filter, int most);

  /**
   * Counted jobs.
   *
   * @param ended how many jobs match in each terminal state; a state may be missing instead of 0
   * @param open the unfinished jobs that match
   * @param capped the states of which more jobs may match, because not all jobs were read
   */
  record Counted(Map<JobState, Long> ended, List<Found> open, Set<JobState> capped) {}
}
