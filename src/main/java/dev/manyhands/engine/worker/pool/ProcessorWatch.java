package dev.manyhands.engine.worker.pool;

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
   * How far a worker is. With several threads, progress of any thread counts: only the worker knows
   * which thread computes.
   *
   * @param chunk the chunk that the worker is to answer next
   * @param next the first item of the chunk that was not reported
   * @param page the chunk that the control page names
   * @param items the items that the control page names
   */
  record Progress(long chunk, long next, long page, List<Long> items) {}

  /**
   * Returns whether the worker has used more than the limit since its last progress.
   *
   * @param cpuSeconds the processor time of the worker and all that it has started, up to now
   */
  boolean isOver(Progress now, double cpuSeconds, Duration limit) {
    // The sum falls when a process has ended for which no parent has waited.
    if (!now.equals(seen) || cpuSeconds < secondsThen) {
      seen = now;
      secondsThen = cpuSeconds;
    }
    return cpuSeconds - secondsThen > limit.toNanos() / 1e9;
  }
}
