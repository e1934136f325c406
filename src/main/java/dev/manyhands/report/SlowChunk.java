package dev.manyhands.report;

import dev.manyhands.model.ChunkReport;

/**
 * A chunk report that took long, or that arrived last.
 *
 * @param first its first item
 * @param count number of items
 * @param seconds from the moment when the worker could begin until the report arrived
 * @param runSeconds inside the function, for all items together, as the worker reported; 0 from a
 *     worker that died or was stopped
 * @param secondsPerItem inside the function, on average; for an item whose worker died or was
 *     stopped, the time until then, with threads only since the worker's report before
 * @param failed number of items that failed
 */
public record SlowChunk(
    long first,
    long count,
    long worker,
    int attempt,
    long failed,
    double seconds,
    double runSeconds,
    double secondsPerItem) {

  static SlowChunk of(ChunkReport report) {
    long count = report.items().count();
    double run = report.cost().run();
    double seconds = TimeSpent.seconds(report);
    double perItem = (TimeSpent.isOfDeadWorker(report) ? seconds : run) / count;
    return new SlowChunk(
        report.items().first(),
        count,
        report.worker(),
        report.attempt(),
        report.failed(),
        JobReport.rounded(seconds),
        JobReport.rounded(run),
        JobReport.rounded(perItem));
  }

  /** Returns the items in words, for advice. */
  String items() {
    return count == 1 ? "item " + first : "items %d to %d".formatted(first, first + count - 1);
  }
}
