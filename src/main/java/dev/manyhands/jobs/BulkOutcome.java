package dev.manyhands.jobs;

import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.support.Word;
import java.util.ArrayList;
import java.util.List;

/**
 * The outcome of an action on many jobs. Each job counts once.
 *
 * @param matched how many jobs matched the filter
 * @param unchanged jobs that needed no action: they had ended, or were deleted
 * @param refused jobs for which the request for one job would have been refused, and jobs that were
 *     not reached because the action was cut
 * @param problems the reasons for the first refused jobs, at most 10
 */
public record BulkOutcome(
    int matched, int done, int unchanged, int refused, List<Problem> problems) {

  public BulkOutcome {
    problems = List.copyOf(problems);
  }

  /**
   * The reason why the action was refused for a job.
   *
   * @param reason a word for programs, as in the type of a problem
   */
  public record Problem(String id, String reason, String detail) {}

  /** Counts jobs while the action goes on. Owned by the thread of the request. */
  static final class Count {
    private static final int MOST_PROBLEMS = 10;

    private final int matched;
    private int done;
    private int unchanged;
    private boolean isCut;
    private final List<Problem> problems = new ArrayList<>();

    Count(int matched) {
      this.matched = matched;
    }

    void done() {
      done++;
    }

    void unchanged() {
      unchanged++;
    }

    void refused(JobId id, Refusal refusal) {
      if (problems.size() < MOST_PROBLEMS) {
        String reason = Word.of(refusal.reason()).replace('_', '-');
        problems.add(new Problem(id.toString(), reason, refusal.sentence()));
      }
    }

    /** Refuses a job, and notes that the action cannot go on. */
    void cut(JobId id, Refusal refusal) {
      isCut = true;
      refused(id, refusal);
    }

    boolean isCut() {
      return isCut;
    }

    /** Returns the outcome. Jobs that were not reached are refused. */
    BulkOutcome outcome() {
      return new BulkOutcome(matched, done, unchanged, matched - done - unchanged, problems);
    }
  }
}
