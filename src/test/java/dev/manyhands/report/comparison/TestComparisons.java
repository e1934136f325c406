package dev.manyhands.report.comparison;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.ComparisonId;
import dev.manyhands.model.comparison.ComparisonState;
import dev.manyhands.model.comparison.Run;
import dev.manyhands.model.comparison.Variant;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Comparisons, put together run by run. Each is a second younger than the last. */
public final class TestComparisons {
  private static final Random RANDOM = new Random(11);
  private static final Instant MONDAY = Instant.parse("2026-11-23T08:00:00Z");

  private static final AtomicLong SECONDS = new AtomicLong();

  private TestComparisons() {}

  public static Comparison of(int rounds, Variant... variants) {
    return of(rounds, List.of(), variants);
  }

  public static Comparison of(int rounds, List<Variant> ifWaiting, Variant... variants) {
    Instant later = MONDAY.plusSeconds(SECONDS.incrementAndGet());
    return new Comparison(
        ComparisonId.next(Clock.fixed(later, ZoneOffset.UTC), RANDOM),
        "primes",
        List.of(variants),
        ifWaiting,
        rounds,
        1_000,
        MONDAY,
        ComparisonState.RUNNING,
        null,
        null,
        List.of());
  }

  public static Variant variant(String name, int workers, int threads) {
    return new Variant(name, workers, threads, "{\"workers\":" + workers + "}");
  }

  /** The comparison with its next run begun. */
  public static Comparison begun(Comparison comparison) {
    if (!(comparison.next() instanceof Comparison.Step.Begin begin)) {
      throw new IllegalStateException("nothing is to begin: " + comparison.next());
    }
    var runs = new ArrayList<>(comparison.runs());
    var job = JobId.next(Clock.systemUTC(), RANDOM);
    runs.add(new Run(begin.number(), begin.variant(), begin.round(), job, null));
    return comparison.withRuns(runs);
  }

  /** The comparison with its next run begun and ended. */
  public static Comparison ran(Comparison comparison, Run.Ending ending) {
    Comparison begun = begun(comparison);
    var runs = new ArrayList<>(begun.runs());
    runs.add(runs.removeLast().withEnding(ending));
    return begun.withRuns(runs);
  }

  /** Runs of these seconds, one after the other. */
  public static Comparison took(Comparison comparison, double... seconds) {
    Comparison ran = comparison;
    for (double each : seconds) {
      ran = ran(ran, took(each));
    }
    return ran;
  }

  public static Run.Ending took(double seconds) {
    return ending(JobState.SUCCEEDED, seconds, false, "d1", null);
  }

  public static Run.Ending ending(
      JobState state,
      double seconds,
      boolean interrupted,
      @Nullable String digest,
      @Nullable String problem) {
    var took = Duration.ofNanos(Math.round(seconds * 1e9));
    return new Run.Ending(state, took, interrupted, 0, digest, null, problem);
  }

  public static Comparison ended(Comparison comparison) {
    var state =
        comparison.next() instanceof Comparison.Step.End end
            ? end.state()
            : ComparisonState.CANCELLED;
    return comparison.ended(state, MONDAY.plusSeconds(60), null);
  }
}
