package dev.manyhands.harness.builtin;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;

/**
 * Computes the greatest common divisor by brute force, the classic lesson on process pools. The
 * work depends on the numbers, so equal parts of the inputs are not equal parts of the work. Item:
 * a pair of positive integers.
 */
public final class Gcd implements ItemFunction<Gcd.Pair, Long> {
  private static final int POLL_EVERY = 1 << 20;

  /** Two positive integers, as {@code [a, b]} or {@code {"a": …, "b": …}}. */
  public record Pair(long a, long b) {
    public Pair {
      if (a < 1 || b < 1) {
        throw new IllegalArgumentException(
            "gcd needs two integers above 0 and got " + a + " and " + b);
      }
    }
  }

  @Override
  public Long apply(Pair pair, Context context) {
    for (long divisor = Math.min(pair.a, pair.b); divisor > 1; divisor--) {
      if (pair.a % divisor == 0 && pair.b % divisor == 0) {
        return divisor;
      }
      if (divisor % POLL_EVERY == 0 && context.stopped()) {
        break;
      }
    }
    return 1L;
  }
}
