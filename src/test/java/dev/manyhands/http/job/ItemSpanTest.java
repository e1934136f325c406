package dev.manyhands.http.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemError.Kind;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How long an item ran, as far as its report and its error say so. */
class ItemSpanTest {
  private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
  private static final Duration LIMIT = Duration.ofSeconds(2);

  @Test
  void anItemThatTimedOutRanForItsLimitAtLeast() {
    var span = killed(1.9, 2, Kind.TIMEOUT, ItemError.TIMED_OUT, LIMIT);
    assertThat(span.seconds()).isEqualTo(2);
    assertThat(span.startedAt()).isEqualTo(START);
  }

  @Test
  void anItemThatTimedOutLateRanUntilItWasKilled() {
    var span = killed(1, 3.5, Kind.TIMEOUT, ItemError.TIMED_OUT, LIMIT);
    assertThat(span.seconds()).isEqualTo(2.5);
    assertThat(span.startedAt()).isEqualTo(at(1));
  }

  @Test
  void theLimitSaysNothingAboutOtherEnds() {
    assertThat(killed(1, 2, Kind.TIMEOUT, "CpuTimeout", LIMIT).seconds()).isEqualTo(1);
    assertThat(killed(1, 2, Kind.CRASH, "SIGSEGV", LIMIT).seconds()).isEqualTo(1);
    assertThat(killed(1, 2, Kind.ERROR, ItemError.TIMED_OUT, LIMIT).seconds()).isEqualTo(1);
    assertThat(killed(1, 2, Kind.CRASH, "SIGSEGV", null).startedAt()).isEqualTo(at(1));
  }

  @Test
  void itemsThatTheirWorkerReportedHaveTheirMean() {
    var cost = new Outcomes.Cost(3, 0.1, 0.1);
    var outcomes = new Outcomes(new ItemRange(4, 10), new byte[0], List.of(), cost);
    var report = new OutcomeReport(outcomes, 1, 4711, at(1), at(5), 1);
    assertThat(ItemSpan.of(report, null, LIMIT)).isEqualTo(new ItemSpan(at(1), 0.5));
  }

  @Test
  void aClockThatWasSetBackGivesNoNegativeTime() {
    assertThat(killed(3, 2, Kind.CRASH, "SIGSEGV", null).seconds()).isZero();
    assertThat(killed(9, 2, Kind.TIMEOUT, ItemError.TIMED_OUT, LIMIT).seconds()).isEqualTo(2);
  }

  private static ItemSpan killed(
      double from, double to, Kind kind, String type, @Nullable Duration limit) {
    var error = new ItemError(4, kind, type, "m", null, 1);
    var report = new OutcomeReport(Outcomes.failed(error, null), 1, 4711, at(from), at(to), 1);
    return ItemSpan.of(report, error, limit);
  }

  private static Instant at(double seconds) {
    return START.plusMillis(Math.round(seconds * 1_000));
  }
}
