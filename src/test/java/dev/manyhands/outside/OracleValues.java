package dev.manyhands.outside;

import static dev.manyhands.outside.Service.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Reductions, truth and equality of values, computed without the service's code. */
final class OracleValues {
  private static final List<String> NUMERIC = List.of("sum", "mean", "min", "max");

  private OracleValues() {}

  /** Returns whether a reduction takes the value. */
  static boolean isCombinable(String reduce, JsonNode value) {
    return !NUMERIC.contains(reduce) || value.isNumber() || value.isBoolean();
  }

  /**
   * Returns the reduced result, computed in one go.
   *
   * @param values of the items that were run, by index
   */
  static JsonNode reduced(String reduce, NavigableMap<Integer, JsonNode> values) {
    return json(
        switch (reduce) {
          case "count" -> Integer.toString(values.size());
          case "sum" -> sum(values, 1, false);
          case "mean" -> values.isEmpty() ? "null" : sum(values, values.size(), true);
          case "min" -> extreme(values, -1);
          case "max" -> extreme(values, 1);
          case "any" -> Boolean.toString(values.values().stream().anyMatch(OracleValues::isTruthy));
          case "all" -> Boolean.toString(values.values().stream().allMatch(OracleValues::isTruthy));
          default ->
              values.entrySet().stream()
                  .filter(entry -> isTruthy(entry.getValue()))
                  .findFirst()
                  .map(found ->
                      "{\"index\": %d, \"value\": %s}".formatted(found.getKey(), found.getValue()))
                  .orElse("null");
        });
  }

  /** The exact sum, divided by a number, rounded once. */
  private static String sum(Map<Integer, JsonNode> values, int divisor, boolean isMean) {
    BigDecimal sum = BigDecimal.ZERO;
    boolean isFloat = isMean;
    for (JsonNode value : values.values()) {
      sum = sum.add(exact(value));
      isFloat |= value.isFloatingPointNumber();
    }
    if (!isFloat) {
      return sum.toBigIntegerExact().toString();
    }
    double rounded = sum.divide(BigDecimal.valueOf(divisor), new MathContext(2_000)).doubleValue();
    return Double.toString(rounded);
  }

  private static String extreme(Map<Integer, JsonNode> values, int sign) {
    JsonNode best = null;
    for (JsonNode value : values.values()) {
      if (best == null || exact(value).compareTo(exact(best)) == sign) {
        best = value;
      }
    }
    return best == null
        ? "null"
        : best.isBoolean() ? (best.booleanValue() ? "1" : "0") : best.toString();
  }

  private static BigDecimal exact(JsonNode number) {
    if (number.isBoolean()) {
      return number.booleanValue() ? BigDecimal.ONE : BigDecimal.ZERO;
    }
    return number.isFloatingPointNumber()
        ? new BigDecimal(number.doubleValue())
        : new BigDecimal(number.bigIntegerValue());
  }

  /** As Python sees it. */
  static boolean isTruthy(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL -> false;
      case BOOLEAN -> value.booleanValue();
      case STRING -> !value.stringValue().isEmpty();
      case NUMBER -> exact(value).signum() != 0;
      default -> !value.isEmpty() && !PythonValues.isEmpty(value);
    };
  }

  /** Returns whether two values are equal: numbers by value, and true is not 1. */
  static boolean same(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return exact(a).compareTo(exact(b)) == 0;
    }
    if (a.isArray() && b.isArray()) {
      return a.size() == b.size()
          && IntStream.range(0, a.size()).allMatch(i -> same(a.get(i), b.get(i)));
    }
    if (a.isObject() && b.isObject()) {
      return a.size() == b.size()
          && a.properties().stream()
              .allMatch(member ->
                  b.has(member.getKey()) && same(member.getValue(), b.get(member.getKey())));
    }
    return a.equals(b);
  }
}
