package dev.manyhands.harness.builtin;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;
import java.math.BigInteger;

/** Computes the sum of i² for i from 0 to n - 1 exactly, by adding the squares. Item: n. */
public final class SumOfSquares implements ItemFunction<Long, BigInteger> {

  /**
   * The limit for a fast sum: squares below 2⁶² can be added to a sum below 2⁶² without overflow.
   */
  private static final long SAFE = 1L << 62;

  private static final long MAX_ROOT = 1L << 31;
  private static final int POLL_EVERY = 1 << 20;

  @Override
  public BigInteger apply(Long item, Context context) {
    long n = Count.of("sum_of_squares", item);
    if (n > MAX_ROOT) {
      throw new IllegalArgumentException(
          "sum_of_squares takes up to "
              + MAX_ROOT
              + " and got "
              + n
              + ", which would run for ever");
    }
    BigInteger carried = BigInteger.ZERO;
    long sum = 0;
    for (long i = 0; i < n; i++) {
      sum += i * i;
      if (sum >= SAFE) {
        carried = carried.add(BigInteger.valueOf(sum));
        sum = 0;
      }
      if (i % POLL_EVERY == 0 && context.stopped()) {
        break;
      }
    }
    return carried.add(BigInteger.valueOf(sum));
  }
}
