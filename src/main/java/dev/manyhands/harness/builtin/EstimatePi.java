package dev.manyhands.harness.builtin;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;
import java.util.random.RandomGenerator;

/**
 * Chooses random points in the unit square and counts the points inside the quarter circle. Four
 * times the sum of the results, divided by the number of points, is about π. Item: the number of
 * points. With a seed the result is reproducible.
 */
public final class EstimatePi implements ItemFunction<Long, Long> {
  private static final int POLL_EVERY = 1 << 16;

  @Override
  public Long apply(Long item, Context context) {
    long points = Count.of("estimate_pi", item);
    RandomGenerator random = context.random();
    long inside = 0;
    for (long i = 0; i < points; i++) {
      double x = random.nextDouble();
      double y = random.nextDouble();
      if (x * x + y * y <= 1) {
        inside++;
      }
      if (i % POLL_EVERY == 0 && context.stopped()) {
        break;
      }
    }
    return inside;
  }
}
