package dev.manyhands.timeline;

import dev.manyhands.store.JobStore.ChunkReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a worker's time: one chunk report, or several that were merged.
 *
 * @param worker its number in the service's life
 * @param pid its process
 * @param startedAt when the worker could begin: when it was sent the items, or had answered those
 *     before
 * @param finishedAt when the report was in
 * @param failed how many of the items failed
 * @param attempt 1 unless items were tried before; of merged reports the highest
 * @param peakRss bytes: the most memory that its worker was seen to hold; null if nobody looked
 * @param chunks how many reports it stands for
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
    long chunks) {

  /**
   * Which items.
   *
   * @param first the lowest index
   * @param count how many; they lie side by side unless reports were merged
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
        1);
  }

  private static @Nullable Long greater(@Nullable Long a, @Nullable Long b) {
    return a == null || (b != null && b > a) ? b : a;
  }

  /** Both as one; whose worker it is called by is the earlier one's. */
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
        chunks + other.chunks);
  }
}
