package dev.manyhands.model.comparison;

import static dev.manyhands.report.comparison.TestComparisons.begun;
import static dev.manyhands.report.comparison.TestComparisons.ending;
import static dev.manyhands.report.comparison.TestComparisons.ran;
import static dev.manyhands.report.comparison.TestComparisons.took;
import static dev.manyhands.report.comparison.TestComparisons.variant;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.JobState;
import dev.manyhands.model.comparison.Comparison.Step;
import dev.manyhands.report.comparison.TestComparisons;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The next step of a comparison follows from its stored state. */
class ComparisonTest {
  private static final Variant A = variant("a", 1, 1);
  private static final Variant B = variant("b", 2, 1);

  @Test
  void roundsAreInterleaved() {
    var comparison = TestComparisons.of(2, A, B);
    for (int number = 0; number < 4; number++) {
      assertThat(comparison.next()).isEqualTo(new Step.Begin(number, number % 2, number / 2));
      comparison = took(comparison, 1);
    }
    assertThat(comparison.next()).isEqualTo(new Step.End(ComparisonState.FINISHED));
  }

  @Test
  void whatHasBegunIsWaitedFor() {
    var comparison = begun(TestComparisons.of(1, A, B));
    assertThat(comparison.next()).isEqualTo(new Step.Await(comparison.runs().getFirst()));
  }

  @Test
  void aRunThatARestartInterruptedIsRepeated() {
    var comparison =
        ran(TestComparisons.of(1, A, B), ending(JobState.SUCCEEDED, 99, true, "d1", null));
    assertThat(comparison.next()).isEqualTo(new Step.Begin(1, 0, 0));
    comparison = took(comparison, 1);
    assertThat(comparison.next()).isEqualTo(new Step.Begin(2, 1, 0));
    assertThat(comparison.measuredRuns()).isEqualTo(1);
  }

  @Test
  void aVariantThatDidNotGetToItsEndIsNotTriedAgainAndTheOthersGoOn() {
    var comparison =
        ran(TestComparisons.of(2, A, B), ending(JobState.FAILED, 1, false, null, "timed out"));
    assertThat(comparison.next()).isEqualTo(new Step.Begin(1, 1, 0));
    comparison = took(comparison, 1, 1);
    assertThat(comparison.next()).isEqualTo(new Step.End(ComparisonState.FAILED));
  }

  @Test
  void aFunctionThatWaitsIsRunWithMoreThreads() {
    Variant many = variant("many threads", 1, 16);
    var comparison = TestComparisons.of(2, List.of(many), A, variant("threads", 1, 8));
    assertThat(ran(comparison, waiting(0.5)).variants()).hasSize(2);
    assertThat(ran(comparison, waiting(null)).variants()).hasSize(2);
    var computing = ran(ran(comparison, waiting(0.9)), waiting(0.1));
    assertThat(computing.variants()).as("threads wait for each other").hasSize(2);

    var waits = ran(comparison, waiting(0.1));
    assertThat(waits.variants()).containsExactly(A, variant("threads", 1, 8), many);
    assertThat(waits.plannedRuns()).isEqualTo(6);
    waits = ran(waits, waiting(0.1));
    assertThat(waits.next()).isEqualTo(new Step.Begin(2, 2, 0));
    assertThat(took(waits, 1, 1, 1, 1).next()).isEqualTo(new Step.End(ComparisonState.FINISHED));
  }

  private static Run.Ending waiting(@Nullable Double processorShare) {
    return new Run.Ending(
        JobState.SUCCEEDED, Duration.ofSeconds(1), false, 0, "d1", processorShare, null);
  }

  @Test
  void aJobWithFailedItemsHasItsTime() {
    var comparison = ran(TestComparisons.of(1, A), ending(JobState.FAILED, 1, false, "d", null));
    assertThat(comparison.next()).isEqualTo(new Step.End(ComparisonState.FINISHED));
  }
}
