package dev.manyhands.store;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the memory of results and items that are being read. A part of the budget is held while a
 * reader works with them. Safe for use by any number of threads.
 */
public final class ReadBudget {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The unit of a budget. A hold takes at least one unit. */
  public static final int UNIT_BYTES = 1024;

  private final int units;
  private final Semaphore free;

  /** A part of the budget, held while something is in memory. */
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  public ReadBudget(long bytes) {
    this.units = Math.toIntExact(Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE));
    this.free = new Semaphore(units, true);
  }

  /** Returns a part of the budget, at most all of the budget; empty where there is no room now. */
  public Optional<Hold> tryHold(long bytes) {
    int needed = unitsOf(bytes);
    return free.tryAcquire(needed) ? Optional.of(() -> free.release(needed)) : Optional.empty();
  }

  /**
   * Waits until there is room. A request for more than the whole budget gets the whole budget.
   *
   * @throws StoreException if there is no room for too long, or the thread is interrupted
   */
  public Hold hold(long bytes) {
    int needed = unitsOf(bytes);
    try {
      if (free.tryAcquire(needed, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return () -> free.release(needed);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new StoreException("too many results or items are being read at once", null);
  }

  private int unitsOf(long bytes) {
    return (int) Math.min(units, bytes / UNIT_BYTES + 1);
  }
}
