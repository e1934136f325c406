package dev.manyhands.timeline;

import dev.manyhands.store.JobStore.ChunkReport;

/**
 * A chunk report that took long.
 *
 * @param first its first item
 * @param count how many items
 * @param seconds from when the worker could begin to when the report was in
 * @param runSeconds inside the function, for all items together
 * @param secondsPerItem inside the function, on average
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
    return new SlowChunk(
        report.items().first(),
        count,
        report.worker(),
        report.attempt(),
        report.failed(),
        JobReport.rounded(TimeSpent.seconds(report)),
        JobReport.rounded(run),
        JobReport.rounded(run / count));
  }

  /** In words, for advice. */
  String items() {
    return count == 1 ? "item " + first : "items %d to %d".formatted(first, first + count - 1);
  }
}
