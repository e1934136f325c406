package dev.manyhands.store;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the memory of all outcomes that are being read: a slice is held for as long as its reader
 * takes, and that may be a thousand clients that take a byte now and then. Whoever finds the budget
 * used up waits for his turn. For any number of threads.
 */
final class SliceBudget {
  /** So many bytes are read at once, give or take one row. */
  private static final long SLICE_BYTES = 1L << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int UNIT_BYTES = 1024;

  private final int units;
  private final Semaphore free;

  /** Held while a slice is in memory. */
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** The rows to read next. */
  record Slice(int rows, long bytes) {

    /** So many rows of these sizes as fit into a slice; at least one. */
    static Slice of(List<Long> sizes) {
      long bytes = 0;
      int rows = 0;
      while (rows < sizes.size() && (rows == 0 || bytes + sizes.get(rows) <= SLICE_BYTES)) {
        bytes += sizes.get(rows);
        rows++;
      }
      return new Slice(Math.max(rows, 1), bytes);
    }
  }

  SliceBudget(long bytes) {
    this.units = Math.toIntExact(Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE));
    this.free = new Semaphore(units, true);
  }

  /**
   * Waits until there is room. What is larger than all of the budget gets all of it.
   *
   * @throws StoreException if there is none for too long
   */
  Hold hold(Slice slice) {
    int needed = (int) Math.min(units, slice.bytes() / UNIT_BYTES + 1);
    try {
      if (free.tryAcquire(needed, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return () -> free.release(needed);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new StoreException("too many results are being read at once", null);
  }
}
