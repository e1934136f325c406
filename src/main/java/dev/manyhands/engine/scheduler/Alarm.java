package dev.manyhands.engine.scheduler;

import java.util.OptionalLong;

/** The earliest of the times at which something is due. Owned by the scheduler thread. */
final class Alarm {
  private OptionalLong nanos = OptionalLong.empty();

  /** Returns the time by the monotonic clock; empty when nothing is due. */
  OptionalLong nanos() {
    return nanos;
  }

  void clear() {
    nanos = OptionalLong.empty();
  }

  void setBy(long dueNanos) {
    if (nanos.isEmpty() || dueNanos - nanos.getAsLong() < 0) {
      nanos = OptionalLong.of(dueNanos);
    }
  }
}
