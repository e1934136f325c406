package dev.manyhands.harness.builtin;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;

/**
 * Keeps a processor busy without allocating memory: n steps of the linear congruential generator
 * {@code x = (1103515245 x + 12345) mod 2³¹}, from 42 on. Each step needs the result of the step
 * before, so no compiler can leave any out. Item: n; result: the last x.
 */
public final class CpuHeavy implements ItemFunction<Long, Long> {
  private static final int POLL_EVERY = 1 << 20;

  @Override
  public Long apply(Long item, Context context) {
    long n = Count.of("cpu_heavy", item);
    long x = 42;
    for (long i = 0; i < n; i++) {
      x = (1103515245 * x + 12345) & 0x7FFF_FFFF;
      if (i % POLL_EVERY == 0 && context.stopped()) {
        break;
      }
    }
    return x;
  }
}
