package dev.manyhands.report;

import dev.manyhands.model.ChunkReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a worker's time: one chunk report, or several merged reports.
 *
 * @param worker number of the worker in the service's life
 * @param pid process id of the worker
 * @param startedAt when the worker could begin: when the items were sent, or when it had answered
 *     the items before
 * @param finishedAt when the report arrived
 * @param failed number of items that failed
 * @param attempt 1 unless items were tried before; of merged reports the highest
 * @param peakRss bytes: the most memory that the worker was seen to hold; null if it was not
 *     measured
 * @param startUpSeconds seconds at the beginning of the bar in which the worker started; 0 unless
 *     the bar begins with the first report of its worker
 * @param chunks number of reports in the bar
 */
public record Bar(
    long worker,
    long pid,
    Instant startedAt,
    Instant finishedAt,
    Items items,
    long failed,
    int attempt,
    double runSeconds,
    double readSeconds,
    double writeSeconds,
    @Nullable Long peakRss,
    double startUpSeconds,
    long chunks) {

  /**
   * The items of a bar.
   *
   * @param first the lowest index
   * @param count number of items; they are consecutive unless reports were merged
   */
  public record Items(long first, long count) {}

  static Bar of(ChunkReport report) {
    return new Bar(
        report.worker(),
        report.pid(),
        report.startedAt(),
        report.finishedAt(),
        new Items(report.items().first(), report.items().count()),
        report.failed(),
        report.attempt(),
        report.cost().run(),
        report.cost().read(),
        report.cost().write(),
        report.cost().peakRss(),
        0,
        1);
  }

  Bar withStartUp(double newSeconds) {
    return new Bar(
        worker,
        pid,
        startedAt,
        finishedAt,
        items,
        failed,
        attempt,
        runSeconds,
        readSeconds,
        writeSeconds,
        peakRss,
        newSeconds,
        chunks);
  }

  private static @Nullable Long greater(@Nullable Long a, @Nullable Long b) {
    return a == null || (b != null && b > a) ? b : a;
  }

  /** Returns both as one bar, with the worker of the earlier one. */
  Bar merge(Bar other) {
    Bar earlier = other.startedAt.isBefore(startedAt) ? other : this;
    return new Bar(
        earlier.worker,
        earlier.pid,
        earlier.startedAt,
        finishedAt.isAfter(other.finishedAt) ? finishedAt : other.finishedAt,
        new Items(Math.min(items.first, other.items.first), items.count + other.items.count),
        failed + other.failed,
        Math.max(attempt, other.attempt),
        runSeconds + other.runSeconds,
        readSeconds + other.readSeconds,
        writeSeconds + other.writeSeconds,
        greater(peakRss, other.peakRss),
        0,
        chunks + other.chunks);
  }
}
