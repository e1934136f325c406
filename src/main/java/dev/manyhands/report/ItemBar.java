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

  /**
   * Returns the items of a report; none if they were not timed.
   *
   * @param earliest the start of the job. A worker may claim any time; an earlier one counts as
   *     this start
   */
  static List<ItemBar> of(ChunkReport report, Instant earliest) {
    ItemTimes times = report.cost().times();
    List<ItemTimes.Run> runs = times == null ? List.of() : times.runs();
    return IntStream.range(0, runs.size())
        .mapToObj(i -> {
          ItemTimes.Run run = runs.get(i);
          return new ItemBar(
              report.items().first() + i,
              report.worker(),
              run.thread() + 1,
              at(report, run.began(), earliest),
              at(report, run.ended(), earliest),
              run.failed(),
              report.attempt());
        })
        .toList();
  }

  private static Instant at(ChunkReport report, long microsBeforeEnd, Instant earliest) {
    Instant claimed = report.finishedAt().minus(microsBeforeEnd, ChronoUnit.MICROS);
    return claimed.isBefore(earliest) ? earliest : claimed;
  }
}
