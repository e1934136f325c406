package dev.manyhands.model.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.json.JsonException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

class JsonScannerTest {
  private static final JsonMapper JACKSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0.5e+10",
        "0",
        "true",
        "null",
        "\"\"",
        "\"\\u00e9\\n\"",
        "\"é€𝄞\"",
        "[]",
        "{}",
        " [1, {\"a\": [null, \"]\"]}, -2] ",
        "{\"a\":{\"b\":{\"c\":[[[]]]}}}",
        "1E400"
      })
  void acceptsJson(String text) {
    assertThat(isJson(text.getBytes(StandardCharsets.UTF_8))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "01",
        "+1",
        "-",
        "1.",
        ".5",
        "1e",
        "tru",
        "nul",
        "NaN",
        "Infinity",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\t\"",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "{1:2}",
        "[",
        "]",
        "{\"a\":1]",
        "1 2",
        "[1]]",
        "// comment\n1",
        "\uFEFF1"
      })
  void refusesWhatIsNotJson(String text) {
    assertThatThrownBy(() -> scanAll(new JsonScanner(utf8(text), JsonLimits.DEFAULT)))
        .isInstanceOfSatisfying(
            JsonException.class, e -> assertThat(e.problem()).isEqualTo(Problem.SYNTAX));
  }

  @Test
  void refusesInvalidUtf8() {
    int[][] wrong = {
      {0x80},
      {0xC0, 0x80},
      {0xC1, 0xBF},
      {0xE0, 0x80, 0x80},
      {0xED, 0xA0, 0x80},
      {0xF0, 0x80, 0x80, 0x80},
      {0xF4, 0x90, 0x80, 0x80},
      {0xF5, 0x80, 0x80, 0x80},
      {0xC3},
      {0xE2, 0x82},
      {0xFF}
    };
    for (int[] bytes : wrong) {
      byte[] text = new byte[bytes.length + 2];
      text[0] = '"';
      for (int i = 0; i < bytes.length; i++) {
        text[i + 1] = (byte) bytes[i];
      }
      text[text.length - 1] = '"';
      assertThat(isJson(text)).as("%s", (Object) bytes).isFalse();
    }
  }

  @Test
  void boundsDepthNumbersAndSize() {
    var limits = new JsonLimits(10, 20, 100_000);
    assertProblem("[".repeat(11) + "]".repeat(11), limits, Problem.TOO_DEEP);
    assertThat(scanAll(new JsonScanner(utf8("[".repeat(10) + "]".repeat(10)), limits)))
        .isEqualTo(1);
    assertProblem("1".repeat(21), limits, Problem.NUMBER_TOO_LONG);
    var large = new ByteArrayInputStream(utf8("\"" + "x".repeat(300_000) + "\""));
    assertThatThrownBy(() -> scanAll(new JsonScanner(large, limits)))
        .isInstanceOfSatisfying(
            JsonException.class, e -> assertThat(e.problem()).isEqualTo(Problem.VALUE_TOO_LARGE));
  }

  @Test
  void aValueMayHaveExactlyTheBytesOfTheLimit() {
    var limits = new JsonLimits(10, 20, 10);
    for (String text : List.of("[1,2,3, 4]", "\"12345678\"", "{\"a\":  10}", "-123456789")) {
      for (String around : List.of("%s", " \n%s  ", "%s" + " ".repeat(20_000))) {
        assertThat(scanAll(stream(around.formatted(text), limits))).isEqualTo(1);
        String larger = around.formatted(text.replace("1", "10"));
        assertThatThrownBy(() -> scanAll(stream(larger, limits)))
            .isInstanceOfSatisfying(
                JsonException.class,
                e -> assertThat(e.problem()).isEqualTo(Problem.VALUE_TOO_LARGE));
      }
    }
  }

  @Test
  void spacesBehindTheValueOfALineDoNotCount() {
    var limits = new JsonLimits(10, 20, 10);
    var scanner = stream("\"12345678\"" + " ".repeat(20_000) + "\n7\n", limits);
    int start = scanner.valueOfLine();
    assertThat(
            new String(scanner.buffer(), start, scanner.valueEnd() - start, StandardCharsets.UTF_8))
        .isEqualTo("\"12345678\"");
    assertThat(scanner.line()).isEqualTo(2);
    scanner.valueOfLine();
    assertThat(scanner.offset()).isEqualTo(20_013);
    assertThatThrownBy(() -> stream("\"123456789\"\n", limits).valueOfLine())
        .hasMessageContaining("more than 10 bytes");
  }

  private static JsonScanner stream(String text, JsonLimits limits) {
    return new JsonScanner(new ByteArrayInputStream(utf8(text)), limits);
  }

  private static void assertProblem(String text, JsonLimits limits, Problem problem) {
    assertThatThrownBy(() -> scanAll(new JsonScanner(utf8(text), limits)))
        .isInstanceOfSatisfying(
            JsonException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  @Test
  void saysWhereItNoticed() {
    assertThatThrownBy(() -> scanAll(new JsonScanner(utf8("[1, 2, x]"), JsonLimits.DEFAULT)))
        .isInstanceOfSatisfying(JsonException.class, e -> assertThat(e.offset()).isEqualTo(7))
        .hasMessageContaining("'x'");
  }

  @Test
  void agreesWithAParserOnMutatedText() {
    var random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      byte[] text = utf8(randomValue(random, 4));
      int changes = random.nextInt(3);
      for (int c = 0; c < changes && text.length > 0; c++) {
        byte[] marks = utf8("{}[]\",:0-9.eEtfn\\u \n");
        text[random.nextInt(text.length)] = marks[random.nextInt(marks.length)];
      }
      assertThat(isJson(text))
          .as("%s", new String(text, StandardCharsets.UTF_8))
          .isEqualTo(jacksonAccepts(text));
    }
  }

  @Test
  void cutsAStreamLikeAnArrayWhateverItsPieces() {
    var random = new Random(2);
    for (int run = 0; run < 500; run++) {
      var values = new ArrayList<String>();
      for (int i = random.nextInt(50) + 1; i > 0; i--) {
        values.add(
            random.nextInt(20) == 0 ? "\"" + "y".repeat(70_000) + "\"" : randomValue(random, 3));
      }
      byte[] text = utf8(String.join(" , ", values));
      var scanner = new JsonScanner(inPieces(text, random), JsonLimits.DEFAULT);
      var cut = new ArrayList<String>();
      do {
        int start = scanner.value();
        cut.add(
            new String(
                scanner.buffer(), start, scanner.position() - start, StandardCharsets.UTF_8));
      } while (scanner.take(','));
      scanner.expectEnd();
      assertThat(cut).isEqualTo(values);
      assertThat(scanner.offset()).isEqualTo(text.length);
    }
  }

  @Test
  void joinedValuesKnowWhereEachIs() {
    byte[] array = utf8(" [ 1 ,\"a,b\", [2 , 3],{\"c\": 4}] ");
    byte[] joined = JoinedValues.fromArray(array, 0, 4, JsonLimits.DEFAULT);
    assertThat(new String(joined, StandardCharsets.UTF_8))
        .isEqualTo("1,\"a,b\",[2 , 3],{\"c\": 4}");
    var values = JoinedValues.of(joined, 4, JsonLimits.DEFAULT);
    assertThat(new String(values.slice(1, 3), StandardCharsets.UTF_8)).isEqualTo("\"a,b\",[2 , 3]");
    assertThatThrownBy(() -> JoinedValues.fromArray(array, 0, 3, JsonLimits.DEFAULT))
        .isInstanceOf(JsonException.class);
    assertThatThrownBy(() -> JoinedValues.of(joined, 5, JsonLimits.DEFAULT))
        .isInstanceOf(JsonException.class);
  }

  @Test
  void joinedValuesHaveNoSpaceBeforeAComma() {
    assertThatThrownBy(() -> JoinedValues.of(utf8("1 ,2"), 2, JsonLimits.DEFAULT))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("white space");
  }

  private static int scanAll(JsonScanner scanner) {
    scanner.value();
    scanner.expectEnd();
    return 1;
  }

  private static boolean isJson(byte[] text) {
    try {
      return scanAll(new JsonScanner(text, JsonLimits.DEFAULT)) == 1;
    } catch (JsonException e) {
      return false;
    }
  }

  private static boolean jacksonAccepts(byte[] text) {
    try {
      return !JACKSON.readTree(text).isMissingNode();
    } catch (JacksonException e) {
      return false;
    }
  }

  private static String randomValue(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 5)) {
      case 0 -> Long.toString(random.nextLong());
      case 1 -> Double.toString(random.nextGaussian() * 1e10);
      case 2 -> List.of("true", "false", "null").get(random.nextInt(3));
      case 3 -> "\"" + "aé\\n\\u1234 €".substring(0, random.nextInt(3)) + "\"";
      case 4 -> "0";
      case 5, 6 -> {
        var items = new ArrayList<String>();
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(randomValue(random, depth - 1));
        }
        yield "[" + String.join(", ", items) + "]";
      }
      default -> {
        var members = new ArrayList<String>();
        for (int i = random.nextInt(3); i > 0; i--) {
          members.add("\"k" + i + "\" : " + randomValue(random, depth - 1));
        }
        yield "{" + String.join(",", members) + "}";
      }
    };
  }

  private static InputStream inPieces(byte[] text, Random random) {
    return new ByteArrayInputStream(text) {
      @Override
      public synchronized int read(byte[] buffer, int offset, int length) {
        return super.read(buffer, offset, Math.min(length, 1 + random.nextInt(20_000)));
      }

      @Override
      public void close() throws IOException {
        super.close();
      }
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\n", " [1,\n2] \t\r\n3", "\"a\"", "7", "{}   "})
  void takesALineWithItsValue(String line) {
    byte[] text = utf8(line);
    for (var scanner :
        List.of(
            new JsonScanner(text, JsonLimits.DEFAULT),
            new JsonScanner(new ByteByByte(text), JsonLimits.DEFAULT))) {
      int start = scanner.valueOfLine();
      String value =
          new String(scanner.buffer(), start, scanner.valueEnd() - start, StandardCharsets.UTF_8);
      assertThat(value).isEqualTo(line.replaceFirst("\\s*\\n3|\\s+$", "").strip());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 2\n", "01", "1-2", "truefalse", "{}{}\n", "[1],\n"})
  void aLineWithMoreThanOneValueIsNone(String line) {
    for (var scanner :
        List.of(
            new JsonScanner(utf8(line), JsonLimits.DEFAULT),
            new JsonScanner(new ByteByByte(utf8(line)), JsonLimits.DEFAULT))) {
      assertThatThrownBy(scanner::valueOfLine).isInstanceOf(JsonException.class);
    }
  }

  @Test
  void countsTheLinesThatItHasPassed() {
    byte[] text = utf8("\n1 2\r\n\n[3,\n4]\n \n5");
    var stream = new ByteArrayInputStream(text);
    for (var scanner :
        List.of(
            new JsonScanner(text, JsonLimits.DEFAULT),
            new JsonScanner(stream, JsonLimits.DEFAULT))) {
      var lines = new ArrayList<Long>();
      while (scanner.peek() != -1) {
        lines.add(scanner.line());
        scanner.value();
      }
      assertThat(lines).containsExactly(2L, 2L, 4L, 7L);
    }
    var scanner = new JsonScanner(utf8("1 \n\n"), JsonLimits.DEFAULT);
    scanner.value();
    assertThat(scanner.takeLineEnd()).isTrue();
    assertThat(scanner.line()).isEqualTo(2);
  }

  /** A stream that gives one byte at a time. */
  private static final class ByteByByte extends ByteArrayInputStream {
    ByteByByte(byte[] bytes) {
      super(bytes);
    }

    @Override
    public synchronized int read(byte[] into, int from, int length) {
      return super.read(into, from, Math.min(length, 1));
    }
  }
}
