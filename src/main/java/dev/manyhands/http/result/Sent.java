package dev.manyhands.http.result;

import dev.manyhands.model.Job;
import dev.manyhands.model.Tally;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the items of an answer by their outcomes. An answer is marked complete only if the job has
 * ended and the answer has each item between its first and its last. Besides, no count may be
 * higher than in the job's status. An error in the reading code or in the store is noticed this
 * way. Used by one thread.
 */
final class Sent {
  private static final Logger log = LoggerFactory.getLogger(Sent.class);

  private final long first;
  private long succeeded;
  private long failed;
  private long skipped;

  /**
   * @param first the index or the place of the first item of the answer
   */
  Sent(long first) {
    this.first = first;
  }

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

  /** Whether the answer has items without an outcome. */
  boolean hasSkipped() {
    return skipped > 0;
  }

  private long items() {
    return succeeded + failed + skipped;
  }

  /**
   * Whether the answer has as many items as the job. If none of its counts is higher than in the
   * job's status, all are equal.
   */
  boolean isWhole(Job job) {
    return items() == job.status().tally().total();
  }

  /**
   * Whether the job has ended, and the answer has every item up to {@code next}, and no more items
   * of a kind than the job has.
   *
   * @param next the index or the place after the last item of the answer
   */
  boolean isCompleteFor(Job job, long next) {
    Tally tally = job.status().tally();
    return isComplete(job, next, tally.succeeded(), tally.failed(), tally.skipped());
  }

  /**
   * Whether the job has ended, and the answer has every item up to {@code next}, and at most these
   * numbers of items of each kind.
   */
  boolean isComplete(Job job, long next, long mostSucceeded, long mostFailed, long mostSkipped) {
    if (!job.status().state().isTerminal()) {
      return false;
    }
    boolean agrees =
        items() == next - first
            && succeeded <= mostSucceeded
            && failed <= mostFailed
            && skipped <= mostSkipped;
    if (!agrees) {
      log.warn(
          "results of job {} do not agree with its counts and are not called complete:"
              + " from={}, next={}, succeeded={} of {}, failed={} of {}, skipped={} of {}",
          job.id(),
          first,
          next,
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
