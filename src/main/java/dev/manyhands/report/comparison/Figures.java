package dev.manyhands.report.comparison;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Writes figures for people, with three digits: more digits would exceed the precision of a
 * measurement.
 */
final class Figures {
  private static final MathContext THREE_DIGITS = new MathContext(3);

  private Figures() {}

  static String number(double value) {
    return new BigDecimal(value).round(THREE_DIGITS).stripTrailingZeros().toPlainString();
  }

  static String seconds(double seconds) {
    if (seconds < 1e-3) {
      return number(seconds * 1e6) + " µs";
    }
    return seconds < 1 ? number(seconds * 1e3) + " ms" : number(seconds) + " s";
  }
}
