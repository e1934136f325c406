package dev.manyhands.support;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Allows a message at once, and later messages at most once an interval. An outage that each
 * request meets then has a few lines in the log. Safe for use by any thread.
 */
public final class LogThrottle {
  private final long intervalNanos;
  private final LongSupplier nanoTime;

  /** The time from which the next message is allowed. */
  private final AtomicLong openNanos;

  public LogThrottle(Duration interval) {
    this(interval, System::nanoTime);
  }

  LogThrottle(Duration interval, LongSupplier nanoTime) {
    this.intervalNanos = interval.toNanos();
    this.nanoTime = nanoTime;
    this.openNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /** Whether a message may be logged now. The caller then logs one. */
  public boolean allows() {
    long now = nanoTime.getAsLong();
    long open = openNanos.get();
    return now - open >= 0 && openNanos.compareAndSet(open, now + intervalNanos);
  }
}
