package dev.manyhands.harness.builtin;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;

/**
 * Decides whether an integer is prime, by trial division with 2, 3 and the numbers next to
 * multiples of 6.
 */
public final class CheckPrime implements ItemFunction<Long, Boolean> {
  private static final long POLL_EVERY = 6L << 16;

  @Override
  public Boolean apply(Long number, Context context) {
    if (number == null) {
      throw new IllegalArgumentException("check_prime needs an integer and got null");
    }
    long n = number;
    if (n < 4) {
      return n > 1;
    }
    if (n % 2 == 0 || n % 3 == 0) {
      return false;
    }
    for (long divisor = 5; divisor <= n / divisor; divisor += 6) {
      if (n % divisor == 0 || n % (divisor + 2) == 0) {
        return false;
      }
      if (divisor % POLL_EVERY == 5 && context.stopped()) {
        break;
      }
    }
    return true;
  }
}
