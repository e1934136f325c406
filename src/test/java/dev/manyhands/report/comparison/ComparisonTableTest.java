package dev.manyhands.report.comparison;

import static dev.manyhands.report.comparison.TestComparisons.begun;
import static dev.manyhands.report.comparison.TestComparisons.ended;
import static dev.manyhands.report.comparison.TestComparisons.ending;
import static dev.manyhands.report.comparison.TestComparisons.ran;
import static dev.manyhands.report.comparison.TestComparisons.took;
import static dev.manyhands.report.comparison.TestComparisons.variant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.manyhands.model.JobState;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.ComparisonState;
import dev.manyhands.model.comparison.Variant;
import dev.manyhands.report.comparison.ComparisonTable.Row;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arithmetic, by examples worked out by hand. */
class ComparisonTableTest {
  private static final Variant SERIAL = variant("serial", 1, 1);
  private static final Variant PROCESSES = variant("processes", 4, 1);
  private static final Variant THREADS = variant("threads", 1, 4);
  private static final Variant BOTH = variant("both", 2, 2);

  @ParameterizedTest
  @CsvSource({
    // seconds of one, of p at once: speedup, efficiency, serial fraction
    "8, 4, 2,    4,   1,     0",
    "8, 4, 8,    1,   0.25,  1",
    "8, 4, 4,    2,   0.5,   0.3333",
    "8, 4, 2.6,  3.0769, 0.7692, 0.1",
    "8, 4, 1.6,  5,   1.25,  -0.0667",
    "8, 4, 16,   0.5, 0.125, 2.3333",
    "8, 2, 4.4,  1.8182, 0.9091, 0.1",
  })
  void theFiguresOfOneAgainstMany(
      double serial,
      int width,
      double parallel,
      double speedup,
      double efficiency,
      double fraction) {
    var comparison = took(TestComparisons.of(1, SERIAL, variant("p", width, 1)), serial, parallel);
    var table = ComparisonTable.of(comparison);
    Row row = table.rows().getLast();
    assertThat(row.speedup()).isCloseTo(speedup, within(1e-4));
    assertThat(row.efficiency()).isCloseTo(efficiency, within(1e-4));
    assertThat(row.serialFraction()).isCloseTo(fraction, within(1e-4));
    assertThat(row.itemsPerSecond()).isCloseTo(1_000 / parallel, within(1e-6));
    Row base = table.rows().getFirst();
    assertThat(table.baseline()).isEqualTo(base);
    assertThat(base.speedup()).isEqualTo(1.0);
    assertThat(base.serialFraction()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"3 1 2, 2, 1, 3", "4 1 2 3, 2.5, 1, 4", "5, 5, 5, 5", "9 9, 9, 9, 9"})
  void theMedianOfTheRounds(String rounds, double median, double min, double max) {
    double[] seconds = List.of(rounds.split(" ")).stream().mapToDouble(Double::valueOf).toArray();
    var comparison = took(TestComparisons.of(seconds.length, SERIAL), seconds);
    assertThat(ComparisonTable.of(comparison).rows().getFirst().timing())
        .isEqualTo(new Timing(median, min, max));
  }

  @Test
  void speedupsAreAgainstTheFastestSerialVariant() {
    var slow = variant("one item a chunk", 1, 1);
    var table = ComparisonTable.of(took(TestComparisons.of(1, slow, SERIAL, PROCESSES), 12, 8, 2));
    assertThat(table.baseline().variant()).isEqualTo(SERIAL);
    assertThat(table.rows().getFirst().speedup()).isCloseTo(8 / 12.0, within(1e-9));
    assertThat(table.rows().getLast().speedup()).isEqualTo(4);
  }

  @Test
  void withoutASerialVariantTheyAreAgainstTheSlowestWithOneWorker() {
    var two = variant("two threads", 1, 2);
    var table = ComparisonTable.of(took(TestComparisons.of(1, BOTH, THREADS, two), 9, 2, 4));
    assertThat(table.baseline().variant()).isEqualTo(two);
    assertThat(table.rows().get(1).speedup()).isEqualTo(2);
    // There is no serial fraction, because it compares with a serial run.
    assertThat(table.rows().get(1).serialFraction()).isNull();
    assertThat(ComparisonTable.of(took(TestComparisons.of(1, BOTH), 1)).baseline()).isNull();
  }

  @Test
  void aSerialVariantWithoutATimeIsNotReplacedByAnother() {
    var failed = ending(JobState.FAILED, 1, false, null, "timed out");
    var table = ComparisonTable.of(took(ran(TestComparisons.of(1, SERIAL, THREADS), failed), 2));
    assertThat(table.baseline()).isNull();
    assertThat(table.best().variant()).isEqualTo(THREADS);
    assertThat(table.best().speedup()).isNull();
  }

  @Test
  void interruptedRoundsDoNotCountInTheTimeButInTheResults() {
    var interrupted = ending(JobState.SUCCEEDED, 500, true, "other", null);
    var table = ComparisonTable.of(took(ran(TestComparisons.of(1, SERIAL), interrupted), 2));
    assertThat(table.rows().getFirst().timing()).isEqualTo(new Timing(2, 2, 2));
    assertThat(table.rows().getFirst().jobs()).hasSize(2);
    assertThat(table.sameResults()).isFalse();
  }

  @Test
  void sameResultsIsOnlySaidOfTwoOrMore() {
    var comparison = TestComparisons.of(2, SERIAL);
    assertThat(ComparisonTable.of(comparison).sameResults()).isNull();
    assertThat(ComparisonTable.of(took(comparison, 1)).sameResults()).isNull();
    assertThat(ComparisonTable.of(took(comparison, 1, 2)).sameResults()).isTrue();
  }

  @Test
  void aRowIsInTheStateOfItsJobs() {
    var comparison = TestComparisons.of(1, SERIAL, PROCESSES, THREADS);
    assertThat(states(comparison)).containsOnly(JobState.QUEUED);
    var running = begun(took(comparison, 1));
    assertThat(states(running))
        .containsExactly(JobState.SUCCEEDED, JobState.RUNNING, JobState.QUEUED);
    assertThat(states(ended(running)))
        .containsExactly(JobState.SUCCEEDED, JobState.CANCELLED, JobState.CANCELLED);
  }

  private static List<JobState> states(Comparison comparison) {
    return ComparisonTable.of(comparison).rows().stream().map(Row::state).toList();
  }

  @Test
  void theVerdictNamesTheBestAndByHowMuch() {
    var comparison = TestComparisons.of(1, SERIAL, PROCESSES, THREADS);
    assertThat(verdict(took(comparison, 8)))
        .isEqualTo(
            "1 of 3 runs are done. 'serial' is the fastest with 8 s: to run in parallel did not pay.");
    assertThat(verdict(ended(took(comparison, 8, 2.5, 5))))
        .isEqualTo(
            "'processes' is the fastest with 2.5 s, 3.2 times as fast as 'serial';"
                + " 2 times as fast as the next, 'threads'.");
    assertThat(verdict(ended(took(comparison, 0.008, 0.010, 0.012))))
        .isEqualTo(
            "'serial' is the fastest with 8 ms: to run in parallel did not pay;"
                + " 1.25 times as fast as the next, 'processes'.");
  }

  @Test
  void theVerdictSaysWhenItIsNotSure() {
    var comparison =
        ended(took(TestComparisons.of(3, SERIAL, PROCESSES, THREADS), 8, 9, 9, 9, 2, 3, 8, 2, 1.5));
    assertThat(verdict(comparison))
        .endsWith(
            "But a round of 'threads' was as fast: take more rounds or more items to be sure.");
  }

  @Test
  void theVerdictTellsOfOtherResultsAndOfFailures() {
    var other = ending(JobState.SUCCEEDED, 2, false, "d2", null);
    var failed = ending(JobState.FAILED, 1, false, null, "the job took too long");
    var comparison =
        ended(ran(ran(took(TestComparisons.of(1, SERIAL, PROCESSES, THREADS), 8), other), failed));
    assertThat(comparison.state()).isEqualTo(ComparisonState.FAILED);
    assertThat(verdict(comparison))
        .contains("But not all runs gave the same results.")
        .endsWith("'threads' did not get to its end: the job took too long");
    assertThat(verdict(ended(TestComparisons.of(1, SERIAL)))).isEqualTo("No variant has a time.");
  }

  private static String verdict(Comparison comparison) {
    return Verdict.of(comparison, ComparisonTable.of(comparison));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0000421, 42.1 µs",
    "0.01234, 12.3 ms",
    "1, 1 s",
    "1.2345, 1.23 s",
    "12345, 12300 s",
    "0, 0 µs"
  })
  void secondsAreWrittenForPeople(double seconds, String text) {
    assertThat(Figures.seconds(seconds)).isEqualTo(text);
  }
}
