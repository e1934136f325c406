package dev.manyhands.http.result;

import dev.manyhands.model.Job;
import dev.manyhands.model.Tally;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the items of an answer by their outcomes. An answer is marked complete only if the job has
 * ended, and no count is higher than in the job's status. An error in the reading code or in the
 * store is noticed this way. Used by one thread.
 */
final class Sent {
  private static final Logger log = LoggerFactory.getLogger(Sent.class);

  private long succeeded;
  private long failed;
  private long skipped;

  /**
   * Notes items with an outcome.
   *
   * @param failures how many of the items failed
   */
  void finished(long items, long failures) {
    succeeded += items - failures;
    failed += failures;
  }

  /** Notes items without an outcome. */
  void skipped(long items) {
    skipped += items;
  }

  /**
   * Whether the job has ended, and the answer has no more items of a kind than the job has. An
   * answer with all items of the job then has the right number of each kind.
   */
  boolean isCompleteFor(Job job) {
    Tally tally = job.status().tally();
    return isComplete(job, tally.succeeded(), tally.failed(), tally.skipped());
  }

  /** Whether the job has ended, and the answer has at most these numbers of items of each kind. */
  boolean isComplete(Job job, long mostSucceeded, long mostFailed, long mostSkipped) {
    if (!job.status().state().isTerminal()) {
      return false;
    }
    boolean agrees = succeeded <= mostSucceeded && failed <= mostFailed && skipped <= mostSkipped;
    if (!agrees) {
      log.warn(
          "results of job {} do not agree with its counts and are not called complete:"
              + " succeeded={} of {}, failed={} of {}, skipped={} of {}",
          job.id(),
          succeeded,
          mostSucceeded,
          failed,
          mostFailed,
          skipped,
          mostSkipped);
    }
    return agrees;
  }
}
