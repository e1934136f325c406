package dev.manyhands.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** Places and labels the marks of a time axis: round numbers, in one unit. */
final class TimeAxis {
  private static final int MOST_STEPS = 10;
  private static final double[] LONG_STEPS = {
    60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400
  };

  private TimeAxis() {}

  /**
   * A mark.
   *
   * @param label such as {@code 2.5 s}
   */
  record Tick(double seconds, String label) {}

  /**
   * Returns the marks of the round numbers from the beginning to the end of an axis; at most
   * eleven.
   *
   * @param from the beginning of the axis, in seconds
   * @param seconds the length of the axis
   */
  static List<Tick> ticks(double from, double seconds) {
    double step = step(seconds);
    // An axis far from the start counts in seconds, however short it is.
    double unit = Math.max(step, Math.min(0.1, from / 100));
    var ticks = new ArrayList<Tick>();
    long first = (long) Math.ceil(from / step - 1e-6);
    for (long i = first;
        i * step <= from + seconds * (1 + 1e-9) && ticks.size() <= MOST_STEPS;
        i++) {
      ticks.add(new Tick(i * step, label(i * step, unit)));
    }
    return ticks;
  }

  private static double step(double seconds) {
    double least = Math.max(seconds, 1e-6) / MOST_STEPS * (1 - 1e-9);
    if (least <= 30) {
      for (double decade = 1e-7; ; decade *= 10) {
        for (int factor : new int[] {1, 2, 5}) {
          if (factor * decade >= least && factor * decade < 21) {
            return factor * decade;
          }
        }
        if (decade > 10) {
          return 30;
        }
      }
    }
    for (double step : LONG_STEPS) {
      if (step >= least) {
        return step;
      }
    }
    return Math.ceil(least / 86_400) * 86_400;
  }

  private static String label(double seconds, double unit) {
    if (unit >= 86_400) {
      return plain(seconds / 86_400) + " d";
    } else if (unit >= 3_600) {
      return plain(seconds / 3_600) + " h";
    } else if (unit >= 60) {
      return plain(seconds / 60) + " min";
    } else if (unit >= 0.1) {
      return plain(seconds) + " s";
    } else if (unit >= 0.000_1) {
      return plain(seconds * 1e3) + " ms";
    }
    return plain(seconds * 1e6) + " µs";
  }

  /**
   * Formats seconds for people, in a suitable unit: with three digits, or as whole seconds from 100
   * s on.
   */
  static String duration(double seconds) {
    if (seconds >= 100) {
      return plain(new BigDecimal(seconds).setScale(0, RoundingMode.HALF_UP)) + " s";
    } else if (seconds >= 1) {
      return threeDigits(seconds) + " s";
    } else if (seconds >= 0.001) {
      return threeDigits(seconds * 1e3) + " ms";
    }
    return threeDigits(seconds * 1e6) + " µs";
  }

  private static String threeDigits(double value) {
    return plain(new BigDecimal(value).round(new MathContext(3)));
  }

  private static String plain(double value) {
    return plain(new BigDecimal(value).setScale(6, RoundingMode.HALF_UP));
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
