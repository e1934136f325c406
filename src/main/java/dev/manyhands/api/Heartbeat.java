package dev.manyhands.api;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Tells when a stream's next sign of life is due. Owned by the stream's thread. */
final class Heartbeat {
  private final long intervalNanos;
  private final LongSupplier nanoTime;
  private long dueNanos;

  Heartbeat(Duration interval, LongSupplier nanoTime) {
    this.intervalNanos = interval.toNanos();
    this.nanoTime = nanoTime;
    this.dueNanos = nanoTime.getAsLong() + intervalNanos;
  }

  /** Whether a sign of life is due; if so, the next one is due an interval from now. */
  boolean beats() {
    long now = nanoTime.getAsLong();
    if (now - dueNanos < 0) {
      return false;
    }
    // From now, not from when it was due: a stream that was held up does not catch up on signs.
    dueNanos = now + intervalNanos;
    return true;
  }

  /** How long until the next sign is due; not negative. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, dueNanos - nanoTime.getAsLong()));
  }
}
