package dev.manyhands.model;

import java.time.Instant;

/**
 * The report of a worker on some items, and the identity of the worker.
 *
 * @param worker its number in the service's life, at least 1, or {@link #REMEMBERED}, or {@link
 *     #SERVICE}
 * @param pid its process
 * @param startedAt when the service handed the items over
 * @param finishedAt when the report was in
 * @param attempt 1 unless items were tried before
 */
public record OutcomeReport(
    Outcomes outcomes, long worker, long pid, Instant startedAt, Instant finishedAt, int attempt) {

  /** The {@code worker} of outcomes that no worker made, because they were remembered. */
  public static final long REMEMBERED = 0;

  /** The {@code worker} of outcomes that the service itself gave, in place of one more try. */
  public static final long SERVICE = -1;

  /** Returns whether a worker has run the items. Otherwise no chunk, process and start exist. */
  public boolean isOfWorker() {
    return worker > 0;
  }

  /** Returns whether the report is about all of these items. */
  public boolean covers(ItemRange wanted) {
    ItemRange items = outcomes.items();
    return items.first() <= wanted.first() && wanted.end() <= items.end();
  }

  /** Returns a report with other outcomes. */
  public OutcomeReport withOutcomes(Outcomes others) {
    return new OutcomeReport(others, worker, pid, startedAt, finishedAt, attempt);
  }
}
