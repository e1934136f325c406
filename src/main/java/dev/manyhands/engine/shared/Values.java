package dev.manyhands.engine.shared;

import java.util.Arrays;
import java.util.Comparator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares JSON values. */
final class Values {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** Compares numbers by value, and all else as nodes do: by kind and contents. */
  private static final Comparator<JsonNode> BY_VALUE =
      (left, right) -> {
        if (left.isNumber() && right.isNumber()) {
          return left.decimalValue().compareTo(right.decimalValue());
        }
        return left.equals(right) ? 0 : 1;
      };

  private Values() {}

  /**
   * Returns whether two JSON values are equal: numbers by their value, objects whatever the order
   * of their members. A value that is too deep to be read equals only a value of the same text.
   */
  static boolean areEqual(byte[] left, byte[] right) {
    if (Arrays.equals(left, right)) {
      return true;
    }
    try {
      return JSON.readTree(left).equals(BY_VALUE, JSON.readTree(right));
    } catch (JacksonException tooDeep) {
      return false;
    }
  }
}
