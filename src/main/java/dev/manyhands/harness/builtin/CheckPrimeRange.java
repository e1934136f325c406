package dev.manyhands.harness.builtin;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Returns the least divisor of n from {@code start} to before {@code stop}, or null. A job cuts the
 * question "is n prime?" into such ranges. The first divisor ends a job that reduces by {@code
 * find} or {@code any}. Item: {@code [n, start, stop]}; or {@code start} alone, if {@code common}
 * gives {@code n} and the {@code size} of a range. Divisors above the square root of n are not
 * tried, because each has a partner below it.
 */
public final class CheckPrimeRange implements ItemFunction<Object, @Nullable Long> {
  private static final int POLL_EVERY = 1 << 16;

  @Override
  @SuppressWarnings("NullAway") // the checker does not look into type arguments
  public @Nullable Long apply(Object item, Context context) {
    if (item instanceof List<?> part
        && part.size() == 3
        && part.get(0) instanceof Long n
        && part.get(1) instanceof Long start
        && part.get(2) instanceof Long stop) {
      return divisor(n, start, stop, context);
    }
    if (item instanceof Long start
        && context.common().get("n") instanceof Long n
        && context.common().get("size") instanceof Long size) {
      return divisor(n, start, start + size, context);
    }
    throw new IllegalArgumentException(
        "check_prime_range needs [n, start, stop], or start with n and size in common, and got "
            + item);
  }

  private static @Nullable Long divisor(long n, long start, long stop, Context context) {
    if (n < 2 || start < 2) {
      throw new IllegalArgumentException(
          "check_prime_range needs n and start of 2 or more and got " + n + " and " + start);
    }
    for (long divisor = start; divisor < stop && divisor <= n / divisor; divisor++) {
      if (n % divisor == 0) {
        return divisor;
      }
      if (divisor % POLL_EVERY == 0 && context.stopped()) {
        break;
      }
    }
    return null;
  }
}
