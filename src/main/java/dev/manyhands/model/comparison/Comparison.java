package dev.manyhands.model.comparison;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One job in several variants. Each variant runs several times, and the runs follow one after the
 * other.
 *
 * @param name of the job; may be empty
 * @param variants all variants that run, as far as is known now
 * @param ifWaiting variants that are added once a run has shown that the function mostly waits;
 *     empty after that
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
    List<Variant> ifWaiting,
    int rounds,
    long items,
    Instant submittedAt,
    ComparisonState state,
    @Nullable Instant finishedAt,
    @Nullable String problem,
    List<Run> runs) {

  public Comparison {
    variants = List.copyOf(variants);
    ifWaiting = List.copyOf(ifWaiting);
    runs = List.copyOf(runs);
  }

  /** Returns the comparison with these runs, and with the variants that the runs ask for. */
  public Comparison withRuns(List<Run> newRuns) {
    boolean waits = newRuns.stream().anyMatch(this::showsWaiting);
    var all = new ArrayList<>(variants);
    all.addAll(waits ? ifWaiting : List.of());
    return new Comparison(
        id,
        name,
        all,
        waits ? List.of() : ifWaiting,
        rounds,
        items,
        submittedAt,
        state,
        finishedAt,
        problem,
        newRuns);
  }

  /**
   * Whether the run shows that the function mostly waits. Runs with threads show nothing, because
   * threads also wait for each other.
   */
  private boolean showsWaiting(Run run) {
    return run.variant() < variants.size()
        && variants.get(run.variant()).threads() == 1
        && run.showsWaiting();
  }

  /** Returns the comparison after its end. */
  public Comparison ended(ComparisonState newState, Instant at, @Nullable String newProblem) {
    return new Comparison(
        id, name, variants, ifWaiting, rounds, items, submittedAt, newState, at, newProblem, runs);
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
