package dev.manyhands.engine.scheduler;

import java.time.Instant;

/**
 * The present time, by two clocks.
 *
 * @param nanos monotonic; only differences have a meaning
 * @param wall the time of day; may jump
 */
public record Now(long nanos, Instant wall) {
  double secondsSince(long earlierNanos) {
    return (nanos - earlierNanos) / 1e9;
  }
}
