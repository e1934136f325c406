package dev.manyhands.report.comparison;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns values into lengths. A scale is linear from 0, so that a bar of double length is double the
 * value. Where values are so far apart that most bars could not be seen, the scale is logarithmic.
 *
 * @param floor the value of length 0; 0 if the scale is linear
 * @param top the value of length 1
 */
record Scale(double floor, double top) {
  /** The highest ratio of the greatest value to the least for which a scale is linear. */
  private static final double MOST_LINEAR = 100;

  /**
   * The lowest ratio of the least value to the floor, so that the bar of the least value can be
   * seen.
   */
  private static final double LEAST_ABOVE_FLOOR = 1.5;

  private static final int MOST_STEPS = 5;

  /**
   * @param values all that is drawn; values that are not positive have no length
   */
  static Scale of(List<Double> values) {
    var positive =
        values.stream().mapToDouble(value -> value).filter(v -> v > 0).sorted().toArray();
    if (positive.length == 0) {
      return new Scale(0, 0);
    }
    double least = positive[0];
    double most = positive[positive.length - 1];
    return most / least > MOST_LINEAR
        ? new Scale(power((int) Math.floor(Math.log10(least / LEAST_ABOVE_FLOOR))), most)
        : new Scale(0, most);
  }

  boolean isLogarithmic() {
    return floor > 0;
  }

  /** Returns the length of a value, as a share of the full length. */
  double length(double value) {
    if (value <= floor || top <= 0) {
      return 0;
    }
    return isLogarithmic() ? Math.log(value / floor) / Math.log(top / floor) : value / top;
  }

  /** Returns the round values to mark; none if nothing is drawn. */
  List<Double> ticks() {
    return isLogarithmic() ? decades() : steps();
  }

  private List<Double> decades() {
    int first = (int) Math.round(Math.log10(floor));
    int last = (int) Math.floor(Math.log10(top) + 1e-9);
    int step = Math.ceilDiv(last - first + 1, MOST_STEPS);
    var ticks = new ArrayList<Double>();
    for (int decade = first; decade <= last; decade += step) {
      ticks.add(power(decade));
    }
    return ticks;
  }

  private List<Double> steps() {
    var ticks = new ArrayList<Double>();
    if (top > 0) {
      double step = step();
      for (int i = 0; i * step <= top * (1 + 1e-9); i++) {
        ticks.add(i * step);
      }
    }
    return ticks;
  }

  private double step() {
    double least = top / MOST_STEPS * (1 - 1e-9);
    double decade = power((int) Math.floor(Math.log10(least)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * decade >= least) {
        return factor * decade;
      }
    }
    return 10 * decade;
  }

  private static double power(int exponent) {
    return Math.pow(10, exponent);
  }
}
