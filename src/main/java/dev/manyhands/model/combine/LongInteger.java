package dev.manyhands.model.combine;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads integers of many digits. {@code new BigInteger(text)} takes time that grows with the square
 * of the number of digits. Here each half of the digits is read alone, and one multiplication joins
 * the halves, for which the JDK uses Toom-Cook. The method is algorithm 1.25 (FastIntegerInput) of
 * Brent and Zimmermann, Modern Computer Arithmetic (2010).
 */
final class LongInteger {
  /** The most digits for which the JDK alone is at least as fast. */
  static final int SHORT_DIGITS = 1_000;

  private static final BigInteger SHORT_POWER = BigInteger.TEN.pow(SHORT_DIGITS);

  private final String text;

  /** Ten to the power of {@code SHORT_DIGITS << i}, by {@code i}. */
  private final List<BigInteger> powers = new ArrayList<>();

  private LongInteger(String text) {
    this.text = text;
  }

  /**
   * Reads a whole text.
   *
   * @param text decimal digits, with or without a minus sign before them
   */
  static BigInteger of(String text) {
    int from = text.charAt(0) == '-' ? 1 : 0;
    if (text.length() - from <= SHORT_DIGITS) {
      return new BigInteger(text);
    }
    BigInteger magnitude = new LongInteger(text).read(from, text.length());
    return from == 0 ? magnitude : magnitude.negate();
  }

  private BigInteger read(int from, int to) {
    int digits = to - from;
    if (digits <= SHORT_DIGITS) {
      return new BigInteger(text.substring(from, to));
    }
    int level = Integer.SIZE - Integer.numberOfLeadingZeros((digits - 1) / SHORT_DIGITS) - 1;
    int middle = to - (SHORT_DIGITS << level);
    return read(from, middle).multiply(power(level)).add(read(middle, to));
  }

  private BigInteger power(int level) {
    while (powers.size() <= level) {
      powers.add(powers.isEmpty() ? SHORT_POWER : powers.getLast().multiply(powers.getLast()));
    }
    return powers.get(level);
  }
}
