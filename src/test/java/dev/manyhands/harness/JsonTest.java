package dev.manyhands.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "[]",
        "{}",
        "[[],{}]",
        "0",
        "-1",
        "123456789012345678",
        "1234567890123456789",
        "-9223372036854775808",
        "9223372036854775808",
        "0.1",
        "-2.5",
        "1.0E-5",
        "\"\"",
        "\"aé€😀\"",
        "\"\\n\\\"\\\\\\u0001\"",
        "{\"a\":[1,{\"b\":null}],\"c\":false}"
      })
  void whatIsReadIsWrittenTheSame(String json) throws Exception {
    assertThat(written(read(json))).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "nul",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "[1,]",
        "[1 2]",
        "[",
        "]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\n\"",
        "1 1",
        "tru",
        "{,}",
        "'a'",
        "1e99999999999"
      })
  void whatIsNotJsonIsRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(JsonException.class);
  }

  @Test
  void numbersKeepTheirDigits() {
    assertThat(read("12345678901234567890")).isEqualTo(new BigInteger("12345678901234567890"));
    assertThat(read("0.12345678901234567891")).isEqualTo(new BigDecimal("0.12345678901234567891"));
    assertThat(read("1e400")).isEqualTo(new BigDecimal("1e400"));
    assertThat(read("1e-400")).isEqualTo(new BigDecimal("1e-400"));
    assertThat(read("0.0")).isEqualTo(0.0);
    assertThat(read("0.00000000000000000001")).isEqualTo(1e-20);
    assertThat(read("\"\\ud83d\\ude00\\/\"")).isEqualTo("😀/");
  }

  @Test
  void nestingHasALimit() {
    String deepest = "[".repeat(JsonReader.MAX_DEPTH) + "]".repeat(JsonReader.MAX_DEPTH);
    assertThat(read(deepest)).isInstanceOf(List.class);
    assertThatThrownBy(() -> read("[" + deepest + "]")).hasMessageContaining("nested");
  }

  @Test
  void javaValuesHaveTheirJson() throws Exception {
    assertThat(written(new Object[] {new int[] {1, 2}, 'c', 1.5f, (byte) 3, Thread.State.NEW}))
        .isEqualTo("[[1,2],\"c\",1.5,3,\"NEW\"]");
    assertThat(written(Map.of(1, List.of()))).isEqualTo("{\"1\":[]}");
  }

  private static Object read(String json) {
    return JsonReader.read(json.getBytes(UTF_8), 0);
  }

  private static String written(Object value) throws Exception {
    var writer = new JsonWriter(10_000);
    writer.value(value);
    return new String(writer.bytes(), 0, writer.size(), UTF_8);
  }
}
