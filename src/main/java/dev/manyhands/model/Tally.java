package dev.manyhands.model;

/**
 * The counts of a job's outcomes so far.
 *
 * @param total items of the job
 * @param succeeded items with a value
 * @param failed items with an error
 * @param skipped items that had not begun, or not finished, when the job ended; while it runs, the
 *     items that were cancelled one by one
 * @param chunks reports that were accepted, without those of the memo
 * @param workSeconds time inside the function, summed over all workers
 * @param matched results that count towards the early end of the job
 * @param cached items whose value came from the memo; they are among the succeeded ones
 */
public record Tally(
    long total,
    long succeeded,
    long failed,
    long skipped,
    long chunks,
    double workSeconds,
    long matched,
    long cached) {

  public static Tally ofTotal(long total) {
    return new Tally(total, 0, 0, 0, 0, 0, 0, 0);
  }

  /** Returns the items that need not run any more: succeeded, failed and skipped items. */
  public long done() {
    return succeeded + failed + skipped;
  }

  /**
   * Returns the items that ran to their outcome, or need not run because the memo had their value.
   */
  public long ran() {
    return succeeded + failed;
  }

  /** Returns a copy with this many more items. */
  public Tally plusItems(long items) {
    return new Tally(
        total + items, succeeded, failed, skipped, chunks, workSeconds, matched, cached);
  }

  /** Returns a copy with this many more items, which will not run. */
  public Tally plusSkipped(long items) {
    return new Tally(
        total + items, succeeded, failed, skipped + items, chunks, workSeconds, matched, cached);
  }

  /** Returns a copy in which this many of the items will not run. */
  public Tally plusCancelled(long items) {
    return new Tally(
        total, succeeded, failed, skipped + items, chunks, workSeconds, matched, cached);
  }

  /** Returns a copy with the outcomes of one more report, which is not from the memo. */
  public Tally plus(Outcomes outcomes) {
    int newlyFailed = outcomes.errors().size();
    return new Tally(
        total,
        succeeded + outcomes.items().count() - newlyFailed,
        failed + newlyFailed,
        skipped,
        chunks + 1,
        workSeconds + outcomes.cost().run(),
        matched + outcomes.matched(),
        cached);
  }

  /** Returns a copy with items whose values came from the memo: they add no chunk and no work. */
  public Tally plusCached(Outcomes outcomes) {
    long items = outcomes.items().count();
    return new Tally(
        total,
        succeeded + items,
        failed,
        skipped,
        chunks,
        workSeconds,
        matched + outcomes.matched(),
        cached + items);
  }

  /**
   * Returns a copy after the end of the job, in which all items without an outcome count as
   * skipped.
   */
  public Tally skipRest() {
    return new Tally(
        total, succeeded, failed, total - succeeded - failed, chunks, workSeconds, matched, cached);
  }
}
