package dev.manyhands.harness.builtin;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes the dot product of two vectors. Item: a pair of arrays of equal length; or an integer n,
 * for the vectors i mod 7 and i mod 11 with i from 0 to n - 1.
 */
public final class Dot implements ItemFunction<Object, Double> {
  private static final int MAX_LENGTH = 1 << 28;

  @Override
  public Double apply(Object item, Context context) {
    if (item instanceof Long n && n >= 0 && n <= MAX_LENGTH) {
      return dot(cycle(n.intValue(), 7), cycle(n.intValue(), 11));
    }
    if (item instanceof List<?> pair
        && pair.size() == 2
        && pair.get(0) instanceof List<?> left
        && pair.get(1) instanceof List<?> right) {
      if (left.size() != right.size()) {
        throw new IllegalArgumentException(
            "dot needs vectors of equal length and got " + left.size() + " and " + right.size());
      }
      return dot(vector(left), vector(right));
    }
    throw new IllegalArgumentException(
        "dot needs two arrays of numbers of equal length, or an integer from 0 to " + MAX_LENGTH);
  }

  private static double[] cycle(int length, int period) {
    double[] vector = new double[length];
    for (int i = 0; i < length; i++) {
      vector[i] = i % period;
    }
    return vector;
  }

  private static double[] vector(List<?> elements) {
    double[] vector = new double[elements.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = number(elements.get(i));
    }
    return vector;
  }

  private static double number(@Nullable Object element) {
    if (element instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException("dot needs numbers and got " + element);
  }

  private static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }
}
