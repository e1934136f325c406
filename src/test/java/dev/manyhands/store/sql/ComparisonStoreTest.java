package dev.manyhands.store.sql;

import static dev.manyhands.report.comparison.TestComparisons.begun;
import static dev.manyhands.report.comparison.TestComparisons.ending;
import static dev.manyhands.report.comparison.TestComparisons.ran;
import static dev.manyhands.report.comparison.TestComparisons.took;
import static dev.manyhands.report.comparison.TestComparisons.variant;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.JobState;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.ComparisonState;
import dev.manyhands.report.comparison.TestComparisons;
import dev.manyhands.store.ComparisonStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Comparisons, and how far each is. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class ComparisonStoreTest {
  private static final byte[] JOB = "{\"function\":\"gcd\",\"inputs\":[1, \"é\"]}".getBytes(UTF_8);

  private final TestDatabase database;
  private SqlStores stores;
  private ComparisonStore comparisons;

  ComparisonStoreTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    stores = database.open(new TestClock());
    comparisons = stores.comparisons();
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  private Comparison submitted() {
    var comparison = TestComparisons.of(2, variant("\uD800 lone", 1, 1), variant("b", 2, 3));
    comparisons.submit(comparison, JOB).join();
    return comparison;
  }

  @Test
  void aComparisonIsThereAfterARestartWithItsRuns() {
    var comparison = submitted();
    var ran = begun(took(comparison, 0.25));
    ran.runs().forEach(run -> assertThat(comparisons.record(ran.id(), run).join()).isTrue());

    stores.close();
    open();

    assertThat(comparisons.find(comparison.id())).contains(ran);
    assertThat(comparisons.job(comparison.id()))
        .hasValueSatisfying(job -> assertThat(job).isEqualTo(JOB));
    assertThat(comparisons.unfinished()).containsExactly(comparison.id());
  }

  @Test
  void theEndOfARunReplacesItsBeginning() {
    var comparison = submitted();
    comparisons.record(comparison.id(), begun(comparison).runs().getFirst()).join();
    var failed =
        ran(comparison, ending(JobState.FAILED, 1, true, null, "no \u0000 text \uD800 is too odd"));
    comparisons.record(comparison.id(), failed.runs().getFirst()).join();

    assertThat(comparisons.find(comparison.id())).contains(failed);
  }

  @Test
  void whatHasEndedDoesNotChange() {
    var comparison = submitted();
    assertThat(finish(comparison, ComparisonState.CANCELLED)).isTrue();

    assertThat(finish(comparison, ComparisonState.FINISHED)).isFalse();
    assertThat(comparisons.record(comparison.id(), begun(comparison).runs().getFirst()).join())
        .isFalse();
    assertThat(comparisons.find(comparison.id()))
        .contains(comparison.ended(ComparisonState.CANCELLED, TestClock.START, "\uD800 why"));
    assertThat(comparisons.unfinished()).isEmpty();
  }

  @Test
  void onlyWhatHasEndedIsForgotten() {
    var comparison = submitted();
    comparisons.record(comparison.id(), begun(comparison).runs().getFirst()).join();
    assertThat(comparisons.delete(comparison.id()).join()).isFalse();
    finish(comparison, ComparisonState.CANCELLED);

    assertThat(comparisons.delete(comparison.id()).join()).isTrue();
    assertThat(comparisons.delete(comparison.id()).join()).isFalse();
    assertThat(comparisons.find(comparison.id())).isEmpty();
    assertThat(comparisons.job(comparison.id())).isEmpty();
  }

  @Test
  void theListHasTheNewestFirstInPages() {
    var first = submitted();
    var second = submitted();
    var third = submitted();

    assertThat(comparisons.list(null, 2)).isEqualTo(List.of(third, second));
    assertThat(comparisons.list(second.id(), 2)).isEqualTo(List.of(first));
    assertThat(comparisons.unfinished()).containsExactly(first.id(), second.id(), third.id());
  }

  private boolean finish(Comparison comparison, ComparisonState state) {
    return comparisons.finish(comparison.id(), state, TestClock.START, "\uD800 why").join();
  }
}
