package dev.manyhands.model.combine;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * A result that is a number: an integer of any size, or a double. Booleans count as 1 and 0, so the
 * sum of a predicate is the number of items for which it holds. The digits of an integer stay text
 * until its value is needed.
 *
 * @param floating the value of a double; 0 for an integer
 */
record JsonNumber(String text, boolean isInteger, double floating) {
  private static final JsonNumber ONE = new JsonNumber("1", true, 0);
  private static final JsonNumber ZERO = new JsonNumber("0", true, 0);

  /** The most digits of a double. A longer integer is beyond all doubles. */
  private static final int MOST_DIGITS_OF_A_DOUBLE = 309;

  static JsonNumber of(byte[] json, int from, int to) throws NotCombinableException {
    return of(new String(json, from, to - from, StandardCharsets.UTF_8));
  }

  static JsonNumber of(String text) throws NotCombinableException {
    char first = text.charAt(0);
    switch (first) {
      case 't' -> {
        return ONE;
      }
      case 'f' -> {
        return ZERO;
      }
      case 'n' -> throw not("null");
      case '"' -> throw not("a string");
      case '[' -> throw not("an array");
      case '{' -> throw not("an object");
      default -> {}
    }
    if (isWhole(text)) {
      return new JsonNumber(text, true, 0);
    }
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      throw new NotCombinableException(
          "the result " + Combiner.excerpt(text) + " is too large for a double");
    }
    return new JsonNumber(text, false, value);
  }

  private static boolean isWhole(String text) {
    int from = text.charAt(0) == '-' ? 1 : 0;
    return from < text.length() && text.chars().skip(from).allMatch(c -> c >= '0' && c <= '9');
  }

  private static NotCombinableException not(String what) {
    return new NotCombinableException("this reduction takes numbers, and the result is " + what);
  }

  /** Returns the value of an integer. */
  BigInteger integer() {
    return LongInteger.of(text);
  }

  /** Returns the number of digits of an integer. */
  int digits() {
    return text.length() - (text.charAt(0) == '-' ? 1 : 0);
  }

  /**
   * Returns a negative value, zero or a positive value if this number is less than, equal to or
   * greater than the other.
   */
  int compare(JsonNumber other) {
    if (isInteger && other.isInteger) {
      return compareIntegers(other);
    }
    if (!isInteger && !other.isInteger) {
      // 0.0 and -0.0 are equal, as in Python.
      return floating < other.floating ? -1 : floating > other.floating ? 1 : 0;
    }
    return isInteger ? compareWithDouble(other.floating) : -other.compareWithDouble(floating);
  }

  /** Compares digits only, because JSON has no leading zeros. */
  private int compareIntegers(JsonNumber other) {
    int sign = sign();
    if (sign != other.sign() || sign == 0) {
      return Integer.compare(sign, other.sign());
    }
    int byLength = Integer.compare(digits(), other.digits());
    return sign * (byLength == 0 ? digitsOnly().compareTo(other.digitsOnly()) : byLength);
  }

  private int compareWithDouble(double other) {
    if (digits() > MOST_DIGITS_OF_A_DOUBLE) {
      return sign();
    }
    return new BigDecimal(integer()).compareTo(new BigDecimal(other));
  }

  private int sign() {
    if (text.equals("0") || text.equals("-0")) {
      return 0;
    }
    return text.charAt(0) == '-' ? -1 : 1;
  }

  private String digitsOnly() {
    return text.charAt(0) == '-' ? text.substring(1) : text;
  }
}
