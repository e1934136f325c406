package dev.manyhands.http;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Determines when the next sign of life of a stream is due. Owned by the stream's thread. */
public final class Heartbeat {
  private final long intervalNanos;
  private final LongSupplier nanoTime;
  private long dueNanos;

  public Heartbeat(Duration interval, LongSupplier nanoTime) {
    this.intervalNanos = interval.toNanos();
    this.nanoTime = nanoTime;
    this.dueNanos = nanoTime.getAsLong() + intervalNanos;
  }

  /** Whether a sign of life is due. The next sign is then due an interval from now. */
  public boolean beats() {
    long now = nanoTime.getAsLong();
    if (now - dueNanos < 0) {
      return false;
    }
    // The interval starts now, not at the due time: a stream that was held up does not catch up on
    // signs.
    dueNanos = now + intervalNanos;
    return true;
  }

  /** Returns the time until the next sign is due; not negative. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, dueNanos - nanoTime.getAsLong()));
  }
}
