package dev.manyhands.report;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.ItemTimes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The run of one item, as timed by its worker.
 *
 * @param item its index
 * @param worker number of the worker in the service's life
 * @param thread of the worker, from 1
 * @param attempt 1 unless the item was tried before
 */
public record ItemBar(
    long item,
    long worker,
    int thread,
    Instant startedAt,
    Instant finishedAt,
    boolean failed,
    int attempt) {

  /** Returns the items of a report; none if they were not timed. */
  static List<ItemBar> of(ChunkReport report) {
    ItemTimes times = report.cost().times();
    List<ItemTimes.Run> runs = times == null ? List.of() : times.runs();
    return IntStream.range(0, runs.size())
        .mapToObj(i -> of(report, report.items().first() + i, runs.get(i)))
        .toList();
  }

  private static ItemBar of(ChunkReport report, long item, ItemTimes.Run run) {
    return new ItemBar(
        item,
        report.worker(),
        run.thread() + 1,
        within(report, run.began()),
        within(report, run.ended()),
        run.failed(),
        report.attempt());
  }

  /** Limits the time that a worker claims to the time of its report, which the service measured. */
  private static Instant within(ChunkReport report, long microsBeforeEnd) {
    Instant claimed = report.finishedAt().minus(microsBeforeEnd, ChronoUnit.MICROS);
    return claimed.isBefore(report.startedAt()) ? report.startedAt() : claimed;
  }
}
