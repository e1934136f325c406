package dev.manyhands.model.comparison;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One job in several variants. Each variant runs several times, and the runs follow one after the
 * other.
 *
 * @param name of the job; may be empty
 * @param rounds how many times each variant runs
 * @param items how many items the job has, at least 1
 * @param finishedAt null before it has ended
 * @param problem why the comparison could not go on; null if it could
 * @param runs in the order in which they began
 */
public record Comparison(
    ComparisonId id,
    String name,
    List<Variant> variants,
    int rounds,
    long items,
    Instant submittedAt,
    ComparisonState state,
    @Nullable Instant finishedAt,
    @Nullable String problem,
    List<Run> runs) {

  public Comparison {
    variants = List.copyOf(variants);
    runs = List.copyOf(runs);
  }

  public Comparison withRuns(List<Run> newRuns) {
    return new Comparison(
        id, name, variants, rounds, items, submittedAt, state, finishedAt, problem, newRuns);
  }

  /** Returns the comparison after its end. */
  public Comparison ended(ComparisonState newState, Instant at, @Nullable String newProblem) {
    return new Comparison(
        id, name, variants, rounds, items, submittedAt, newState, at, newProblem, runs);
  }

  /** The next step; see {@link #next}. */
  public sealed interface Step {
    /** Wait for the job of this run. */
    record Await(Run run) implements Step {}

    /** Submit a job. */
    record Begin(int number, int variant, int round) implements Step {}

    /** End the comparison in this state: no run is left to begin or to wait for. */
    record End(ComparisonState state) implements Step {}
  }

  /**
   * Returns the next step, derived from the runs so far. All knowledge of the runner is in the
   * store, so the runner continues after a restart as if nothing had happened.
   *
   * <p>Rounds are interleaved (A B C, A B C). A disturbance of the machine then slows one round of
   * each variant, not all rounds of one variant, and the medians are hardly affected. A run that a
   * restart interrupted is repeated. A variant that failed once is not tried again.
   */
  public Step next() {
    if (!runs.isEmpty() && runs.getLast().ending() == null) {
      return new Step.Await(runs.getLast());
    }
    for (int round = 0; round < rounds; round++) {
      for (int variant = 0; variant < variants.size(); variant++) {
        if (!hasFailed(variant) && !isMeasured(variant, round)) {
          return new Step.Begin(runs.size(), variant, round);
        }
      }
    }
    boolean allMeasured =
        Stream.iterate(0, i -> i + 1).limit(variants.size()).noneMatch(this::hasFailed);
    return new Step.End(allMeasured ? ComparisonState.FINISHED : ComparisonState.FAILED);
  }

  private boolean isMeasured(int variant, int round) {
    return runsOf(variant).anyMatch(run -> run.round() == round && run.isMeasured());
  }

  private boolean hasFailed(int variant) {
    return runsOf(variant).anyMatch(run -> run.problem() != null);
  }

  /** Returns the runs of one variant. */
  public Stream<Run> runsOf(int variant) {
    return runs.stream().filter(run -> run.variant() == variant);
  }

  /** Returns the number of runs in all, unless some fail or have to be repeated. */
  public int plannedRuns() {
    return rounds * variants.size();
  }

  /** Returns the number of planned runs that have their time. */
  public int measuredRuns() {
    return (int) runs.stream().filter(Run::isMeasured).count();
  }
}
