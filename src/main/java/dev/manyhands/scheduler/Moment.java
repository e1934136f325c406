package dev.manyhands.scheduler;

import java.time.Instant;

/**
 * Now, twice: for measuring and for telling.
 *
 * @param nanos monotonic; only differences mean something
 * @param wall the time of day; may jump
 */
public record Moment(long nanos, Instant wall) {
  double secondsSince(long earlierNanos) {
    return (nanos - earlierNanos) / 1e9;
  }
}
