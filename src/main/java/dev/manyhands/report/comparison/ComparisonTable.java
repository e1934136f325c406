package dev.manyhands.report.comparison;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.Run;
import dev.manyhands.model.comparison.Variant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The results of a comparison: a row of figures for each variant.
 *
 * @param rows one for each variant, in the order of the variants
 * @param baseline the row that speedups are relative to; null when no variant qualifies, or none
 *     has its time yet
 * @param best the fastest; null when none has its time yet
 * @param sameResults whether all jobs returned equal values; null until two jobs have run all their
 *     items
 */
public record ComparisonTable(
    List<Row> rows, @Nullable Row baseline, @Nullable Row best, @Nullable Boolean sameResults) {

  /**
   * The figures of one variant; null where a figure is not known.
   *
   * @param state of its jobs together; {@code QUEUED} while more jobs are to come
   * @param speedup the speed relative to the baseline
   * @param efficiency the speedup divided by the items that run at once: 1 is perfect
   * @param serialFraction the share of the work that did not run in parallel; see {@link #serial}
   * @param failedItems of its last job that ran to its end
   * @param digest of the values of its last job that ran to its end
   * @param problem why it has no time
   */
  public record Row(
      Variant variant,
      JobState state,
      List<JobId> jobs,
      @Nullable Timing timing,
      @Nullable Double speedup,
      @Nullable Double efficiency,
      @Nullable Double serialFraction,
      @Nullable Double itemsPerSecond,
      @Nullable Long failedItems,
      @Nullable String digest,
      @Nullable String problem) {

    private Row against(Row base) {
      if (timing == null || base.timing == null || timing.median() <= 0) {
        return this;
      }
      int width = variant.width();
      double ratio = base.timing.median() / timing.median();
      boolean fromSerial = base.variant.width() == 1;
      return new Row(
          variant,
          state,
          jobs,
          timing,
          ratio,
          ratio / width,
          fromSerial ? serial(ratio, width) : null,
          itemsPerSecond,
          failedItems,
          digest,
          problem);
    }
  }

  public static ComparisonTable of(Comparison comparison) {
    List<Row> bare =
        IntStream.range(0, comparison.variants().size())
            .mapToObj(variant -> row(comparison, variant))
            .toList();
    Optional<Row> base = baseline(bare);
    List<Row> rows = bare.stream().map(row -> base.map(row::against).orElse(row)).toList();
    return new ComparisonTable(
        rows,
        base.map(row -> rows.get(bare.indexOf(row))).orElse(null),
        timed(rows).min(BY_TIME).orElse(null),
        sameResults(comparison));
  }

  private static Row row(Comparison comparison, int index) {
    List<Run> runs = comparison.runsOf(index).toList();
    var times =
        runs.stream()
            .filter(Run::isMeasured)
            .map(run -> Objects.requireNonNull(run.ending()).took())
            .toList();
    Timing timing = times.isEmpty() ? null : Timing.of(times);
    Run.Ending last =
        runs.stream()
            .map(Run::ending)
            .filter(ending -> ending != null && ending.digest() != null)
            .reduce((first, second) -> second)
            .orElse(null);
    return new Row(
        comparison.variants().get(index),
        state(comparison, runs),
        runs.stream().map(Run::job).toList(),
        timing,
        null,
        null,
        null,
        timing == null || timing.median() <= 0 ? null : comparison.items() / timing.median(),
        last == null ? null : last.failedItems(),
        last == null ? null : last.digest(),
        runs.stream().map(Run::problem).filter(Objects::nonNull).findFirst().orElse(null));
  }

  private static JobState state(Comparison comparison, List<Run> runs) {
    var endings = runs.stream().map(Run::ending).toList();
    boolean all = runs.stream().filter(Run::isMeasured).count() == comparison.rounds();
    for (var ended : List.of(JobState.CANCELLED, JobState.FAILED)) {
      if (endings.stream().anyMatch(ending -> ending != null && ending.state() == ended)) {
        return ended;
      }
    }
    if (all) {
      return JobState.SUCCEEDED;
    } else if (comparison.state().isTerminal()) {
      return JobState.CANCELLED;
    }
    return endings.contains(null) ? JobState.RUNNING : JobState.QUEUED;
  }

  private static final Comparator<Row> BY_TIME =
      Comparator.comparingDouble(row -> Objects.requireNonNull(row.timing()).median());

  private static Stream<Row> timed(List<Row> rows) {
    return rows.stream().filter(row -> row.timing() != null);
  }

  /**
   * Returns the fastest of the serial variants, because a speedup over a slow serial program is
   * worthless. Returns the slowest variant with one worker if no variant is serial.
   */
  private static Optional<Row> baseline(List<Row> rows) {
    if (rows.stream().anyMatch(row -> row.variant().width() == 1)) {
      return timed(rows).filter(row -> row.variant().width() == 1).min(BY_TIME);
    }
    return timed(rows).filter(row -> row.variant().workers() == 1).max(BY_TIME);
  }

  /**
   * Returns the experimentally determined serial fraction: the share of the serial time that cannot
   * have run in parallel. The share follows by Amdahl's law (1967) from the {@code speedup} of a
   * program that runs {@code width} things at once. From Karp and Flatt, "Measuring Parallel
   * Processor Performance", Communications of the ACM 33(5), 1990. A fraction that grows with the
   * width is caused by the overhead, not by the program. Below 0 the speedup is more than linear.
   *
   * @return null for a width of 1, for which the fraction is undefined
   */
  static @Nullable Double serial(double speedup, int width) {
    return width == 1 ? null : Double.valueOf((1 / speedup - 1.0 / width) / (1 - 1.0 / width));
  }

  private static @Nullable Boolean sameResults(Comparison comparison) {
    var digests = new ArrayList<String>();
    for (Run run : comparison.runs()) {
      if (run.ending() != null && run.ending().digest() != null) {
        digests.add(run.ending().digest());
      }
    }
    return digests.size() < 2 ? null : Boolean.valueOf(digests.stream().distinct().count() == 1);
  }
}
