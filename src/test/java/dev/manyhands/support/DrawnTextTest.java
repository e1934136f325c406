package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrawnTextTest {

  @Test
  void aTextThatFitsIsWhole() {
    assertThat(DrawnText.within(100, 12, "serial")).isEqualTo("serial");
    assertThat(DrawnText.within(100, 12, "")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"i", "x", "W", "木", "\ud83e\udd2f", "\ud83e"})
  void aLongTextIsCutWhereItWouldBeTooWide(String letter) {
    String cut = DrawnText.within(200, 13, letter.repeat(300));
    assertThat(cut).endsWith("…").startsWith(letter);
    assertThat(DrawnText.width(13, cut)).isBetween(180.0, 200.0);
    assertThat((cut.length() - 1) % letter.length()).isZero();
  }
}
