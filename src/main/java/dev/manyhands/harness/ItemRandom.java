package dev.manyhands.harness;

import java.util.random.RandomGenerator;

/**
 * The random stream of one item: L64X128Mix of Steele and Vigna, "LXM: better splittable
 * pseudorandom number generators (and almost as fast)", OOPSLA 2021. The JDK contains this
 * generator too, but only behind a service lookup. The JDK does not guarantee how a seed becomes a
 * state. With this class, a seed gives equal numbers under any JDK.
 *
 * <p>Every pair of seed and index has a state of its own. The seed, mixed by a bijection, is half
 * of the xorshift state. The index determines the state of the linear generator and its increment.
 */
final class ItemRandom implements RandomGenerator {
  private static final long MULTIPLIER = 0xd1342543de82ef95L;
  private static final long GOLDEN_RATIO = 0x9e3779b97f4a7c15L;
  private static final long SILVER_RATIO = 0x6a09e667f3bcc909L;

  private final long increment;
  private long linear;
  private long x0;
  private long x1;

  ItemRandom(long seed, long index) {
    increment = mix(index ^ SILVER_RATIO) | 1; // must be odd
    linear = mix(index + GOLDEN_RATIO);
    x0 = mix(seed ^ SILVER_RATIO);
    x1 = SILVER_RATIO; // never both zero
    nextLong();
  }

  @Override
  public long nextLong() {
    long result = mix(linear + x0);
    linear = MULTIPLIER * linear + increment;
    long first = x0;
    long second = x1 ^ first;
    x0 = Long.rotateLeft(first, 24) ^ second ^ (second << 16);
    x1 = Long.rotateLeft(second, 37);
    return result;
  }

  /**
   * Doug Lea's mixing function: a bijection in which each bit of the input changes about half of
   * the bits of the output.
   */
  private static long mix(long z) {
    z = (z ^ (z >>> 32)) * 0xdaba0b6eb09322e3L;
    z = (z ^ (z >>> 32)) * 0xdaba0b6eb09322e3L;
    return z ^ (z >>> 32);
  }
}
