package bench;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;

/** The Java functions of the benchmark: the same methods for the service and for its peer. */
public final class Functions {
  private Functions() {}

  static long gcd(long a, long b) {
    for (long divisor = Math.min(a, b); divisor > 1; divisor--) {
      if (a % divisor == 0 && b % divisor == 0) {
        return divisor;
      }
    }
    return 1;
  }

  static boolean checkPrime(long n) {
    if (n % 2 == 0) {
      return n == 2;
    }
    for (long divisor = 3; divisor * divisor <= n; divisor += 2) {
      if (n % divisor == 0) {
        return false;
      }
    }
    return n > 1;
  }

  /** Item: a pair of numbers. */
  public static final class Gcd implements ItemFunction<long[], Long> {
    @Override
    public Long apply(long[] pair, Context context) {
      return gcd(pair[0], pair[1]);
    }
  }

  /** Item: a number. */
  public static final class CheckPrime implements ItemFunction<Long, Boolean> {
    @Override
    public Boolean apply(Long n, Context context) {
      return checkPrime(n);
    }
  }

  /** Item: a number. */
  public static final class Identity implements ItemFunction<Long, Long> {
    @Override
    public Long apply(Long n, Context context) {
      return n;
    }
  }
}
