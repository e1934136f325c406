package dev.manyhands.http.job;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.OutcomeReport;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time of an item that a worker has run.
 *
 * @param startedAt the time at which the worker could begin with the items that were reported
 *     together
 * @param seconds the mean time of these items
 */
record ItemSpan(Instant startedAt, double seconds) {
  /** Rounds the seconds to nanoseconds, and takes a negative time as none. */
  ItemSpan {
    seconds = Math.round(Math.max(0, seconds) * 1e9) / 1e9;
  }

  /**
   * Returns the time of an item.
   *
   * <p>A worker that was killed or died reported no times. Its report is about the single item that
   * it ran, and the item took all the time that the report covers. With threads, the item may have
   * begun before that time, while the worker still had items of an earlier report. The start of an
   * item that timed out is therefore at least the limit before its end.
   *
   * @param error of the item; null if the item succeeded
   * @param limit of each item of the job; null if there is none
   */
  static ItemSpan of(OutcomeReport report, @Nullable ItemError error, @Nullable Duration limit) {
    var cost = report.outcomes().cost();
    long items = report.outcomes().items().count();
    Instant startedAt = report.startedAt();
    boolean isTold = cost.run() + cost.read() + cost.write() > 0;
    if (error == null || items > 1 || isTold) {
      return new ItemSpan(startedAt, cost.run() / items);
    }
    if (limit != null && hasTimedOut(error)) {
      Instant latest = report.finishedAt().minus(limit);
      startedAt = latest.isBefore(startedAt) ? latest : startedAt;
    }
    double seconds = Duration.between(startedAt, report.finishedAt()).toNanos() / 1e9;
    return new ItemSpan(startedAt, seconds);
  }

  private static boolean hasTimedOut(ItemError error) {
    return error.kind() == ItemError.Kind.TIMEOUT && error.type().equals(ItemError.TIMED_OUT);
  }
}
