package dev.manyhands.model;

import java.time.Instant;

/**
 * A report on some items by a worker, by the memo, or by the service itself.
 *
 * @param worker the worker's number in the service's life, at least 1; or {@link #REMEMBERED}, or
 *     {@link #SERVICE}
 * @param pid the worker's process; 0 without a worker
 * @param startedAt when the worker could begin with the items: when the chunk was handed over, or
 *     the last report on the chunk was in; a worker with threads may have begun some items before
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
