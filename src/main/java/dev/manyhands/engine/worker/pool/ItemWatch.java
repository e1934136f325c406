package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Observes on the control page which items a worker runs, and since when. Owned by the pool's
 * thread.
 */
final class ItemWatch {
  private static final long NONE = -1;

  /** The number of the chunk that the worker named at the last look; 0 for none. */
  private long chunk;

  /** The chunk that the worker was to run after {@link #chunk}; null for none. */
  private @Nullable SentChunk next;

  private long[] items = {NONE};
  private long[] sinceNanos = {0};

  /** Whether the worker is known to write the control page. */
  private boolean namesItems;

  /** Since when no item of the chunk was seen to run. Also reset when another chunk runs. */
  private long pauseSinceNanos;

  /**
   * Creates the watch of a worker.
   *
   * @param namesItems whether the worker is known to write the control page; if not, the page will
   *     show it
   */
  ItemWatch(boolean namesItems, long nowNanos) {
    this.namesItems = namesItems;
    this.pauseSinceNanos = nowNanos;
  }

  boolean namesItems() {
    return namesItems;
  }

  /** Returns for how long no item of the worker's chunk was seen to run. */
  long pauseNanos(long nowNanos) {
    return nowNanos - pauseSinceNanos;
  }

  /** Returns an item that was seen to run for longer than the limit; empty when there is none. */
  OptionalLong overdue(
      ControlPage page, SentChunks sent, int threads, long nowNanos, long limitNanos) {
    begin(page.chunk(), sent, threads, nowNanos);
    long[] named = page.items(threads);
    for (int thread = 0; thread < threads; thread++) {
      long item = named[thread];
      if (item >= 0) {
        pauseSinceNanos = nowNanos;
      }
      if (item != items[thread]) {
        items[thread] = item;
        sinceNanos[thread] = nowNanos;
      } else if (item >= 0 && nowNanos - sinceNanos[thread] > limitNanos) {
        return OptionalLong.of(item);
      }
    }
    return OptionalLong.empty();
  }

  private void begin(long nowRunning, SentChunks sent, int threads, long nowNanos) {
    namesItems |= nowRunning != 0;
    if (nowRunning != chunk) {
      pauseSinceNanos = nowNanos;
    }
    if (items.length != threads) {
      items = new long[threads];
      sinceNanos = new long[threads];
      Arrays.fill(items, NONE);
    } else if (nowRunning != chunk) {
      forgetAllBut(next == null || next.number() != nowRunning ? null : next.chunk().items());
    }
    chunk = nowRunning;
    next = sent.after(nowRunning);
  }

  /**
   * Forgets since when items run, apart from items that began while the chunk before was running.
   * An index alone says little: an item may run again in a later chunk, or in another job.
   */
  private void forgetAllBut(@Nullable ItemRange begunEarly) {
    for (int thread = 0; thread < items.length; thread++) {
      if (begunEarly == null || !begunEarly.contains(items[thread])) {
        items[thread] = NONE;
      }
    }
  }

  /**
   * Returns the items that the worker names. There may be several only with threads. With threads,
   * the word for the lowest item is ignored, because it may be one step behind the others.
   */
  static List<Long> running(ControlPage page, int threads) {
    var running = new ArrayList<Long>();
    for (long item : page.items(threads)) {
      if (item >= 0) {
        running.add(item);
      }
    }
    return running;
  }
}
