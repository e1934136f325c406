package dev.manyhands.combine;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A result that is a number: an integer of any size, or a double. Booleans count as 1 and 0, so
 * that the sum of a predicate is how often it holds.
 */
record JsonNumber(String text, @Nullable BigInteger integer, double floating) {

  static JsonNumber of(byte[] json, int from, int to) throws NotCombinableException {
    return of(new String(json, from, to - from, StandardCharsets.UTF_8));
  }

  static JsonNumber of(String text) throws NotCombinableException {
    char first = text.charAt(0);
    switch (first) {
      case 't' -> {
        return new JsonNumber("1", BigInteger.ONE, 1);
      }
      case 'f' -> {
        return new JsonNumber("0", BigInteger.ZERO, 0);
      }
      case 'n' -> throw not("null");
      case '"' -> throw not("a string");
      case '[' -> throw not("an array");
      case '{' -> throw not("an object");
      default -> {}
    }
    boolean whole = text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    if (whole) {
      var integer = new BigInteger(text);
      return new JsonNumber(text, integer, integer.doubleValue());
    }
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      throw new NotCombinableException("the result " + text + " is too large for a double");
    }
    return new JsonNumber(text, null, value);
  }

  private static NotCombinableException not(String what) {
    return new NotCombinableException("this reduction takes numbers, and the result is " + what);
  }

  BigDecimal exact() {
    return integer == null ? new BigDecimal(floating) : new BigDecimal(integer);
  }
}
