package dev.manyhands.engine.scheduler;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks that failed in the service and must still be done. Each is tried again a moment later.
 * Owned by the scheduler's thread.
 */
final class TryAgain {
  private static final Logger log = LoggerFactory.getLogger(TryAgain.class);

  /** How long to wait before a failed task is tried again. */
  static final Duration PAUSE = Duration.ofMillis(100);

  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  /** When the tasks are due, by the monotonic clock. */
  private long dueNanos;

  void later(Runnable task) {
    tasks.add(task);
    dueNanos = System.nanoTime() + PAUSE.toNanos();
  }

  /** Runs the tasks that are due. A task that fails again stays. */
  void runDue() {
    if (!tasks.isEmpty() && System.nanoTime() - dueNanos >= 0) {
      for (Runnable task : List.copyOf(tasks)) {
        try {
          task.run();
          tasks.remove(task);
        } catch (Throwable fault) {
          log.error("a task of the scheduler failed, and is tried again", fault);
          dueNanos = System.nanoTime() + PAUSE.toNanos();
        }
      }
    }
  }

  /** Returns the shorter of this wait and the wait until tasks are due. */
  long waitNanos(long most, long nowNanos) {
    return tasks.isEmpty() ? most : Math.clamp(dueNanos - nowNanos, 0, most);
  }
}
