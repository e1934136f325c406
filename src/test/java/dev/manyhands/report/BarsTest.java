package dev.manyhands.report;

import static dev.manyhands.report.Reports.START;
import static dev.manyhands.report.Reports.at;
import static dev.manyhands.report.Reports.bar;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BarsTest {

  @Test
  void fewReportsAreABarEachByTheirBeginning() {
    var bars = new Bars(START, 100, 2);
    bars.add(bar(2, 1, 2, 0, 5));
    bars.add(bar(1, 0, 1, 5, 5));
    bars.add(bar(1, 1, 3, 10, 5));

    assertThat(bars.isMerged()).isFalse();
    assertThat(bars.sorted())
        .containsExactly(bar(1, 0, 1, 5, 5), bar(1, 1, 3, 10, 5), bar(2, 1, 2, 0, 5));
  }

  @Test
  void manyReportsInAnyOrderBecomeFewBarsAndNothingIsLost() {
    List<Bar> all = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      all.add(bar(1 + i % 4, i / 4 * 0.01, i / 4 * 0.01 + 0.009, i, i % 1_000 == 0 ? 1 : 0, 1));
    }
    Collections.shuffle(all, new Random(1));
    var bars = new Bars(START, 1_000, 4);
    all.forEach(bars::add);

    assertThat(bars.isMerged()).isTrue();
    assertThat(bars.chunks()).isEqualTo(50_000);
    List<Bar> sorted = bars.sorted();
    assertThat(sorted).hasSizeBetween(300, 1_000);
    assertThat(sorted.stream().mapToLong(Bar::chunks).sum()).isEqualTo(50_000);
    assertThat(sorted.stream().mapToLong(bar -> bar.items().count()).sum()).isEqualTo(500_000);
    assertThat(sorted.stream().mapToLong(Bar::failed).sum()).isEqualTo(50);
    assertNoOverlap(sorted);
  }

  @Test
  void aLongReportAmongManyShortOnesKeepsItsLength() {
    var bars = new Bars(START, 100, 2);
    bars.add(bar(1, 0, 100, 0, 1));
    for (int i = 0; i < 10_000; i++) {
      bars.add(bar(2, i * 0.01, i * 0.01 + 0.01, i + 1, 1));
    }

    assertThat(bars.sorted()).hasSizeLessThanOrEqualTo(100).contains(bar(1, 0, 100, 0, 1));
    assertNoOverlap(bars.sorted());
  }

  @Test
  void workersWithoutEndShareRows() {
    var bars = new Bars(START, 100, 2);
    for (int i = 0; i < 20_000; i++) {
      bars.add(bar(i, i, i + 1, i, 1));
    }

    assertThat(bars.sorted()).hasSizeBetween(10, 100);
    assertThat(bars.sorted().stream().mapToLong(Bar::chunks).sum()).isEqualTo(20_000);
    assertThat(bars.sorted().stream().map(Bar::finishedAt).max(Instant::compareTo))
        .contains(at(20_000));
  }

  @Test
  void aClockThatWasSetBackDoesNoHarm() {
    var bars = new Bars(START, 100, 2);
    for (int i = 0; i < 1_000; i++) {
      bars.add(bar(1, -i, -i - 1, i, 1));
    }

    assertThat(bars.sorted()).hasSizeLessThanOrEqualTo(100);
  }

  private static void assertNoOverlap(List<Bar> bars) {
    var ends = new HashMap<Long, Bar>();
    for (Bar bar : bars) {
      Bar before = ends.put(bar.worker(), bar);
      if (before != null) {
        assertThat(bar.startedAt()).isAfterOrEqualTo(before.finishedAt());
      }
    }
  }
}
