package dev.manyhands.report;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobState;
import dev.manyhands.model.Outcomes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Chunk reports and timelines for tests; times in seconds since the job's start. */
final class Reports {
  static final Instant START = Instant.parse("2026-11-21T10:00:00Z");

  private Reports() {}

  static Instant at(double seconds) {
    return START.plus(Duration.ofNanos(Math.round(seconds * 1e9)));
  }

  /** Returns the report of a worker that ran all the time. */
  static ChunkReport report(long worker, double from, double to, long first, long count) {
    return report(worker, from, to, first, count, new Outcomes.Cost(to - from, 0, 0), 0, 1);
  }

  static ChunkReport report(
      long worker,
      double from,
      double to,
      long first,
      long count,
      Outcomes.Cost cost,
      long failed,
      int attempt) {
    return new ChunkReport(
        ItemRange.ofCount(first, count),
        failed,
        cost,
        worker,
        4_000 + worker,
        at(from),
        at(to),
        attempt);
  }

  static Bar bar(long worker, double from, double to, long first, long count) {
    return Bar.of(report(worker, from, to, first, count));
  }

  static Bar bar(long worker, double from, double to, long first, long failed, int attempt) {
    var cost = new Outcomes.Cost((to - from) / 2, 0.001, 0.002);
    return Bar.of(report(worker, from, to, first, 10, cost, failed, attempt));
  }

  static Timeline timeline(String name, JobState state, double until, List<Bar> bars) {
    return new Timeline(
        "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77",
        name,
        "square",
        state,
        START,
        at(until),
        bars.size(),
        false,
        bars,
        List.of(),
        null);
  }
}
