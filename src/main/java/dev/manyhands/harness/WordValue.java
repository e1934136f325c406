package dev.manyhands.harness;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A truth value or a number of the job, in the page. Safe for use by any thread.
 *
 * @param type {@code bool}, {@code integer} or {@code number}
 * @param lock guards sums
 */
record WordValue(String name, WordPage page, int word, String type, WordLock lock) {

  Object get() {
    long bits = page.read(word);
    return switch (type) {
      case "bool" -> bits != 0;
      case "number" -> Double.longBitsToDouble(bits);
      default -> bits;
    };
  }

  void set(Object value) {
    long bits =
        switch (type) {
          case "bool" -> value instanceof Boolean truth ? (truth ? 1 : 0) : refuse(value);
          case "number" -> Double.doubleToRawLongBits(number(value));
          default -> integer(value);
        };
    page.write(word, bits);
  }

  /** Adds to the number; returns the sum. The caller holds the lock. */
  Number add(Number n) {
    if (type.equals("bool")) {
      throw new IllegalArgumentException("'" + name + "' holds a truth value, which has no sum");
    }
    Number sum =
        type.equals("number")
            ? (Number) (Double.longBitsToDouble(page.read(word)) + number(n))
            : (Number) Math.addExact(page.read(word), integer(n));
    set(sum);
    return sum;
  }

  private long integer(Object value) {
    return switch (value) {
      case Long number -> number;
      case Integer number -> number;
      case Short number -> number;
      case Byte number -> number;
      case BigInteger number when number.bitLength() < Long.SIZE -> number.longValue();
      default -> refuse(value);
    };
  }

  private double number(Object value) {
    if (value instanceof Double || value instanceof Float) {
      return ((Number) value).doubleValue();
    }
    if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    return refuse(value);
  }

  private long refuse(@Nullable Object value) {
    String holds =
        switch (type) {
          case "bool" -> "a truth value";
          case "number" -> "a double";
          default -> "an integer of 64 bits";
        };
    throw new IllegalArgumentException(
        "'"
            + name
            + "' holds "
            + holds
            + ", and "
            + value
            + " is none; use a dict for other values");
  }
}
