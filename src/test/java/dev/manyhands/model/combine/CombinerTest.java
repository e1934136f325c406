package dev.manyhands.model.combine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A reduction has one result, however its items are cut into chunks and merged. */
class CombinerTest {
  /** Stands for no result. */
  private static final String BEYOND = "beyond the doubles";

  private static final int RUNS = 300;
  private static final List<String> ANY_VALUES =
      List.of(
          "0",
          "0.0",
          "null",
          "false",
          "\"\"",
          "[]",
          "{}",
          "1",
          "\"a,b\"",
          "[1,[2,\"]\"]]",
          "{\"a\":1}");

  @ParameterizedTest
  @ValueSource(strings = {"sum", "mean", "min", "max", "count"})
  void numbersInAnyChunksGiveTheSerialAnswer(String reduction) throws Exception {
    var random = new Random(reduction.hashCode());
    for (int run = 0; run < RUNS; run++) {
      var values = new ArrayList<String>();
      for (int i = random.nextInt(40); i >= 0; i--) {
        values.add(number(random));
      }
      assertThat(inChunks(reduction, values, random))
          .as("%s of %s", reduction, values)
          .isEqualTo(serially(reduction, values));
    }
  }

  private static String number(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextBoolean() ? "true" : "false";
      case 1 -> new BigInteger(10 + random.nextInt(200), random).negate().toString();
      case 2 -> Long.toString(random.nextLong());
      case 3 -> Double.toString(random.nextGaussian() * Math.pow(10, random.nextInt(600) - 300));
      case 4 -> List.of("1", "1.0", "-0.0", "0", "1e0", "9007199254740993").get(random.nextInt(6));
      case 6 -> new BigInteger(1_000 + random.nextInt(20_000), random).negate().toString();
      case 5 -> List.of("1e308", "-1e308", "1e16", "-1e16", "1e-324").get(random.nextInt(5));
      default -> Integer.toString(random.nextInt(10) - 5);
    };
  }

  /** Computes the reduction by its definition, with exact digits. */
  private static String serially(String reduction, List<String> values) {
    if (reduction.equals("count")) {
      return Integer.toString(values.size());
    }
    boolean anyDouble = values.stream().anyMatch(CombinerTest::isDouble);
    BigDecimal sum =
        values.stream().map(CombinerTest::exact).reduce(BigDecimal.ZERO, BigDecimal::add);
    if (reduction.equals("sum") && !anyDouble) {
      return sum.toBigIntegerExact().toString();
    }
    if (reduction.equals("sum") || reduction.equals("mean")) {
      var divisor = BigDecimal.valueOf(reduction.equals("sum") ? 1 : values.size());
      double rounded = sum.divide(divisor, new MathContext(2_500)).doubleValue();
      return Double.isInfinite(rounded) ? BEYOND : Double.toString(rounded);
    }
    String best = values.getFirst();
    for (String value : values) {
      int sign = exact(value).compareTo(exact(best));
      if (reduction.equals("min") ? sign < 0 : sign > 0) {
        best = value;
      }
    }
    return best.equals("true") ? "1" : best.equals("false") ? "0" : best;
  }

  private static boolean isDouble(String value) {
    return value.contains(".")
        || value.contains("e") && !value.endsWith("e")
        || value.contains("E");
  }

  private static BigDecimal exact(String value) {
    return switch (value) {
      case "true" -> BigDecimal.ONE;
      case "false" -> BigDecimal.ZERO;
      default ->
          isDouble(value) ? new BigDecimal(Double.parseDouble(value)) : new BigDecimal(value);
    };
  }

  @Test
  void anyAllAndFindAreDecidedByTheFirstItem() throws Exception {
    var random = new Random(11);
    for (int run = 0; run < RUNS; run++) {
      int falsy = random.nextInt(3); // all of them, many, few
      var values = new ArrayList<String>();
      for (int i = random.nextInt(20); i >= 0; i--) {
        values.add(ANY_VALUES.get(random.nextInt(falsy == 0 ? 7 : ANY_VALUES.size())));
      }
      int first =
          IntStream.range(0, values.size())
              .filter(i -> ANY_VALUES.indexOf(values.get(i)) >= 7)
              .findFirst()
              .orElse(-1);
      assertThat(inChunks("find", values, random))
          .isEqualTo(
              first < 0
                  ? "null"
                  : "{\"index\":" + (first + 1_000) + ",\"value\":" + values.get(first) + "}");
      assertThat(inChunks("any", values, random)).isEqualTo(Boolean.toString(first >= 0));
      boolean all = values.stream().allMatch(value -> ANY_VALUES.indexOf(value) >= 7);
      assertThat(inChunks("all", values, random)).isEqualTo(Boolean.toString(all));
    }
  }

  /**
   * As it happens: each chunk in a combiner of its own; the partials come in any order and some of
   * them are merged before.
   */
  private static String inChunks(String reduction, List<String> values, Random random)
      throws NotCombinableException {
    var partials = new ArrayList<byte[]>();
    int next = 0;
    while (next < values.size()) {
      var chunk = Combiner.of(reduction);
      int end = Math.min(values.size(), next + 1 + random.nextInt(8));
      for (; next < end; next++) {
        add(chunk, 1_000 + next, values.get(next));
      }
      partials.add(chunk.partial());
    }
    if (random.nextInt(3) == 0) {
      partials.add("null".getBytes(UTF_8)); // of a failed item
      partials.add(Combiner.of(reduction).partial());
    }
    Collections.shuffle(partials, random);
    while (partials.size() > 1 && random.nextBoolean()) {
      partials.add(
          merged(reduction, List.of(partials.removeFirst(), partials.removeFirst())).partial());
    }
    try {
      return merged(reduction, partials).result();
    } catch (BeyondDoublesException none) {
      return BEYOND;
    }
  }

  private static Combiner merged(String reduction, List<byte[]> partials) {
    var combiner = Combiner.of(reduction);
    partials.forEach(combiner::merge);
    return combiner;
  }

  private static void add(Combiner combiner, long index, String json)
      throws NotCombinableException {
    byte[] bytes = (" " + json + " ").getBytes(UTF_8);
    combiner.add(index, bytes, 1, bytes.length - 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sum | 0",
        "mean | null",
        "min | null",
        "max | null",
        "count | 0",
        "any | false",
        "all | true",
        "find | null"
      })
  void ofNothing(String reduction, String result) {
    var empty = Combiner.of(reduction);
    assertThat(empty.result()).isEqualTo(result);
    assertThat(new String(empty.partial(), UTF_8)).isEqualTo("[0]");
    empty.merge("[0]".getBytes(UTF_8));
    assertThat(empty.result()).isEqualTo(result);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sum | 1 2.5 true | [3,2,2.5]",
        "sum | 1e100 1 0.5 -1e100 | [4,1,0.5]",
        "sum | 1e100 1.0 | [2,0,1.0E100,1.0]",
        "sum | 0.5 -0.5 | [2,0,0.0]",
        "mean | 3 4 | [2,7]",
        "min | 2 1 1.0 | [3,1,1]",
        "max | 2 2.00 1 | [3,0,2]",
        "count | 1 2 | [2]",
        "any | 0 0 | [2]",
        "any | 0 7 8 | [3,1]",
        "all | 7 0 | [2,1]",
        "find | 0 7 8 | [3,1,7]"
      })
  void partialsAreAsTheProtocolHasThem(String reduction, String values, String partial)
      throws Exception {
    var combiner = Combiner.of(reduction);
    int index = 0;
    for (String value : values.split(" ")) {
      add(combiner, index++, value);
    }
    assertThat(new String(combiner.partial(), UTF_8)).isEqualTo(partial);
    var other = Combiner.of(reduction);
    other.merge((" " + partial.replace(",", " , ") + "\n").getBytes(UTF_8));
    assertThat(other.result()).isEqualTo(combiner.result());
    assertThat(other.count()).isEqualTo(index);
  }

  /** Half of them straddle the length from which digits are read in halves. */
  @Test
  void integersOfManyDigitsAreExact() throws Exception {
    var random = new Random(5);
    for (int run = 0; run < 60; run++) {
      int digits = 1 + random.nextInt(run % 2 == 0 ? 2_100 : 30_000);
      String text = (run % 3 == 0 ? "-" : "") + random.nextInt(1, 10) + digits(random, digits - 1);
      var sum = Combiner.of("sum");
      add(sum, 0, text);
      assertThat(sum.result()).isEqualTo(text);
      add(sum, 1, text);
      var twice = new BigInteger(text).multiply(BigInteger.TWO).toString();
      assertThat(merged("sum", List.of(sum.partial())).result()).isEqualTo(twice);
    }
  }

  private static String digits(Random random, int count) {
    return random
        .ints(count, '0', '9' + 1)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** Twice the digits take about three times as long, where they took four times as long. */
  @ParameterizedTest
  @ValueSource(strings = {"sum", "mean", "min", "max"})
  void theTimeOfAnIntegerDoesNotGrowWithTheSquareOfItsDigits(String reduction) throws Exception {
    String text = "1234567".repeat(20_000);
    long ours = Long.MAX_VALUE;
    long theirs = Long.MAX_VALUE;
    for (int turn = 0; turn < 5; turn++) {
      var combiner = Combiner.of(reduction);
      long began = System.nanoTime();
      add(combiner, turn, text);
      long between = System.nanoTime();
      assertThat(new BigInteger(text).signum()).isPositive();
      ours = Math.min(ours, between - began);
      theirs = Math.min(theirs, System.nanoTime() - between);
    }
    assertThat(ours).as("nanoseconds, and those of the JDK").isLessThan(theirs / 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sum", "mean"})
  void integersThatAreAddedHaveAMillionDigitsAtMost(String reduction) throws Exception {
    String most = "9".repeat(Sum.MOST_DIGITS);
    var combiner = Combiner.of(reduction);
    add(combiner, 0, "1");
    assertThatThrownBy(() -> add(combiner, 1, "-" + most + "0"))
        .isInstanceOf(NotCombinableException.class)
        .hasMessage("this reduction takes integers of at most 1000000 digits");
    add(combiner, 2, most);
    // The sum has a digit more than its results may have.
    assertThat(merged(reduction, List.of(combiner.partial())).count()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"min", "max"})
  void integersThatAreComparedMayHaveAsManyDigitsAsAResult(String reduction) throws Exception {
    String large = "8".repeat(4_000_000);
    var combiner = Combiner.of(reduction);
    add(combiner, 0, "-" + large);
    add(combiner, 1, "1.5e308");
    add(combiner, 2, large);
    add(combiner, 3, large.substring(1) + "9");
    assertThat(merged(reduction, List.of(combiner.partial())).result())
        .isEqualTo(reduction.equals("min") ? "-" + large : large.substring(1) + "9");
  }

  @Test
  void aSumOfDoublesAndIntegersBeyondThemHasNoResult() throws Exception {
    for (String reduction : List.of("sum", "mean")) {
      var combiner = Combiner.of(reduction);
      add(combiner, 0, "0.5");
      add(combiner, 1, "3".repeat(100_000));
      assertThatThrownBy(combiner::result)
          .isInstanceOf(BeyondDoublesException.class)
          .hasMessageStartingWith("the " + reduction + " of the results is beyond the doubles");
    }
  }

  /** A partial or a result may be megabytes. */
  @Test
  void messagesAreShort() {
    var sum = Combiner.of("sum");
    String number = "1e" + "9".repeat(10_000);
    assertThatThrownBy(() -> add(sum, 0, number))
        .hasMessageContaining("1e999")
        .message()
        .hasSizeLessThan(300);
    for (String partial : List.of("[1," + number + "]", "x".repeat(10_000))) {
      assertThatThrownBy(() -> sum.merge(partial.getBytes(UTF_8))).message().hasSizeLessThan(300);
    }
  }

  @Test
  void aMeanIsRoundedOnce() throws Exception {
    var mean = Combiner.of("mean");
    add(mean, 0, "9007199254740993");
    add(mean, 1, "1e-300"); // what lifts it above the half-way between two doubles
    assertThat(mean.result()).isEqualTo("4.503599627370497E15");
  }

  @Test
  void aSumBeyondTheDoublesOnTheWayOnlyIsFine() throws Exception {
    var sum = Combiner.of("sum");
    add(sum, 0, "1.7e308");
    add(sum, 1, "1.7e308");
    assertThatThrownBy(sum::result).isInstanceOf(BeyondDoublesException.class);
    var later = Combiner.of("sum");
    later.merge(sum.partial());
    add(later, 2, "-1.7e308");
    assertThat(later.result()).isEqualTo("1.7E308");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null | the result is null",
        "\"7\" | the result is a string",
        "[7] | the result is an array",
        "{\"a\":7} | the result is an object",
        "1e400 | the result 1e400 is too large for a double"
      })
  void whatIsNoNumberIsRefusedAndChangesNothing(String value, String why) throws Exception {
    for (String reduction : List.of("sum", "mean", "min", "max")) {
      var combiner = Combiner.of(reduction);
      add(combiner, 0, "7");
      byte[] before = combiner.partial();
      assertThatThrownBy(() -> add(combiner, 1, value))
          .isInstanceOf(NotCombinableException.class)
          .hasMessageEndingWith(why);
      assertThat(combiner.partial()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sum | 7",
        "sum | []",
        "sum | [-1]",
        "sum | [x]",
        "sum | [1]",
        "sum | [1,\"a\"]",
        "sum | [1,,2]",
        "mean | [1.5,1]",
        "min | [1]",
        "min | [1,0]",
        "max | [1,0,null]",
        "max | [1,0,1,2]",
        "any | [1,x]",
        "all | [1,0,0]",
        "find | [1,0]",
        "find | [99999999999999999999,0,1]"
      })
  void whatIsNoPartialIsRefused(String reduction, String partial) {
    var combiner = Combiner.of(reduction);
    assertThatThrownBy(() -> combiner.merge(partial.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(combiner.count()).isZero();
  }

  @Test
  void thereAreNoOtherReductions() {
    assertThatThrownBy(() -> Combiner.of("product"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("product");
  }
}
