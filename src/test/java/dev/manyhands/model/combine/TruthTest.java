package dev.manyhands.model.combine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A value is truthy here if and only if it is truthy in Python. */
class TruthTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "false",
        "0",
        "-0",
        "0.0",
        "-0.0",
        "0e5",
        "0.000E-7",
        "\"\"",
        "[]",
        "[ \n]",
        "{}",
        "{\t}"
      })
  void whatIsNothingIsFalsy(String json) {
    assertThat(isTruthy(json)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "1",
        "-1",
        "10",
        "0.1",
        "-0.001e5",
        "1e-300",
        "\" \"",
        "\"0\"",
        "\"false\"",
        "[0]",
        "[[]]",
        "[ null ]",
        "{\"\":0}"
      })
  void allElseIsTruthy(String json) {
    assertThat(isTruthy(json)).isTrue();
  }

  /** Tests a value inside other text, which must not count. */
  private static boolean isTruthy(String json) {
    byte[] text = ("1," + json + ",1").getBytes(UTF_8);
    return Truth.isTruthy(text, 2, text.length - 2);
  }
}
