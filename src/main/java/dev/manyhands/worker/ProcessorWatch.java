package dev.manyhands.worker;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the processor time of a worker's processes since the worker last made progress with its
 * items. The time is measured only once a second, so that an item may use up to a second too much.
 * Time that an item used before it was first seen is not counted, so that no item is charged for
 * the item before. Owned by the pool's thread.
 */
final class ProcessorWatch {
  private @Nullable Progress seen;
  private double secondsThen;

  /**
   * How far a worker is. With several threads any of them that gets on is progress: which of them
   * computes, only the worker could tell.
   *
   * @param chunk that it was given
   * @param next its first item that was not reported
   * @param page the chunk that the control page names
   * @param items that the control page names
   */
  record Progress(long chunk, long next, long page, List<Long> items) {}

  /**
   * @param cpuSeconds of the worker and all that it has started, up to now
   */
  boolean isOver(Progress now, double cpuSeconds, Duration limit) {
    // Less than before is what is left when a process ended that nobody waited for.
    if (!now.equals(seen) || cpuSeconds < secondsThen) {
      seen = now;
      secondsThen = cpuSeconds;
    }
    return cpuSeconds - secondsThen > limit.toNanos() / 1e9;
  }
}
