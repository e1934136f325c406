package dev.manyhands.report.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScaleTest {

  @Test
  void valuesOfUpToTwoDecadesAreInProportion() {
    var scale = Scale.of(List.of(8.0, 0.08, 2.0));
    assertThat(scale.isLogarithmic()).isFalse();
    assertThat(scale.length(2)).isEqualTo(0.25);
    assertThat(scale.ticks()).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0);
  }

  @Test
  void valuesOfMoreThanTwoDecadesAreAllSeen() {
    var scale = Scale.of(List.of(0.05, 50.0));
    assertThat(scale.isLogarithmic()).isTrue();
    assertThat(scale.floor()).isEqualTo(0.01);
    assertThat(scale.length(50)).isEqualTo(1);
    assertThat(scale.length(0.05)).isCloseTo(Math.log10(5) / Math.log10(5_000), within(1e-9));
    assertThat(scale.length(0.001)).isZero();
    assertThat(scale.ticks()).containsExactly(0.01, 0.1, 1.0, 10.0);
  }

  @Test
  void theLeastValueStandsAboveTheFloor() {
    assertThat(Scale.of(List.of(0.01, 50.0)).length(0.01)).isGreaterThan(0.1);
  }

  @Test
  void ticksAreFewWhateverTheValues() {
    for (double least = 1e-6; least < 1e6; least *= 1.7) {
      for (double most = least; most < 1e9; most *= 2.3) {
        var scale = Scale.of(List.of(least, most));
        assertThat(scale.ticks()).as("%s to %s", least, most).hasSizeBetween(2, 6);
        assertThat(scale.ticks()).isSorted();
        assertThat(scale.length(scale.ticks().getLast())).isBetween(0.3, 1.0 + 1e-6);
      }
    }
  }

  @Test
  void withoutValuesThereIsNothingToMark() {
    var scale = Scale.of(List.of(0.0));
    assertThat(scale.ticks()).isEmpty();
    assertThat(scale.length(1)).isZero();
  }
}
