package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.OutcomeReport;
import java.util.List;

/** Compares reports, whose records hold arrays and so have no useful equality of their own. */
final class ReportAssert {

  private ReportAssert() {}

  static void assertSame(List<OutcomeReport> actual, OutcomeReport... expected) {
    assertThat(actual).usingRecursiveComparison().isEqualTo(List.of(expected));
  }
}
