package dev.manyhands.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.report.TimeAxis.Tick;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeAxisTest {

  @ParameterizedTest
  @CsvSource({
    "0.00003, 5 µs, 30 µs",
    "0.0004, 50 µs, 400 µs",
    "0.0273, 5 ms, 25 ms",
    "0.9, 0.1 s, 0.9 s",
    "1, 0.1 s, 1 s",
    "7.5, 1 s, 7 s",
    "42, 5 s, 40 s",
    "299, 30 s, 270 s",
    "900, 2 min, 14 min",
    "7200, 15 min, 120 min",
    "50000, 2 h, 12 h",
    "3000000, 4 d, 32 d"
  })
  void marksAreRoundNumbersInOneUnit(double seconds, String second, String last) {
    var ticks = TimeAxis.ticks(0, seconds);
    assertThat(ticks.get(1).label()).isEqualTo(second);
    assertThat(ticks.getLast().label()).isEqualTo(last);
  }

  @Test
  void thereAreNeverManyMarksNorTooFew() {
    for (double seconds = 1e-6; seconds < 1e9; seconds *= 1.07) {
      var ticks = TimeAxis.ticks(0, seconds);
      assertThat(ticks).as("%s s", seconds).hasSizeBetween(3, 11);
      assertThat(ticks.getLast().seconds()).isLessThanOrEqualTo(seconds * (1 + 1e-9));
      assertThat(ticks).extracting(Tick::label).doesNotHaveDuplicates();
      assertThat(ticks.getFirst().label()).startsWith("0 ");
    }
    assertThat(TimeAxis.ticks(0, 0)).isNotEmpty();
    assertThat(TimeAxis.ticks(2_999_999_999.0, 0)).hasSizeLessThan(12);
    assertThat(TimeAxis.ticks(1e9, 2e-7)).hasSizeLessThan(12);
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.7, 0.5 s, 1.2 s",
    "2.03, 7.5, 3 s, 9 s",
    "3600, 0.5, 3600 s, 3600.5 s",
    "7200, 900, 120 min, 134 min"
  })
  void marksOfAWindowAreRoundNumbersSinceTheStart(
      double from, double seconds, String first, String last) {
    var ticks = TimeAxis.ticks(from, seconds);
    assertThat(ticks.getFirst().label()).isEqualTo(first);
    assertThat(ticks.getLast().label()).isEqualTo(last);
    assertThat(ticks).hasSizeBetween(3, 11).extracting(Tick::label).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 µs",
    "0.0000042, 4.2 µs",
    "0.0123456, 12.3 ms",
    "1.5, 1.5 s",
    "99.96, 100 s",
    "12345.6, 12346 s"
  })
  void durationsHaveThreeDigits(double seconds, String text) {
    assertThat(TimeAxis.duration(seconds)).isEqualTo(text);
  }
}
