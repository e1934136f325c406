package dev.manyhands.worker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Looks over a worker's shoulder, at the control page, at which items it runs and since when. Owned
 * by the pool's thread.
 */
final class ItemWatch {
  private static final long NONE = -1;

  private long chunk;
  private long[] items = {NONE};
  private long[] sinceNanos = {0};

  /** Whether it is known to write the control page. */
  private boolean namesItems;

  /** Since when none of its items has been seen to run, or another chunk is being run. */
  private long pauseSinceNanos;

  /**
   * @param namesItems whether the worker is known to write the control page; if not, that will show
   */
  ItemWatch(boolean namesItems, long nowNanos) {
    this.namesItems = namesItems;
    this.pauseSinceNanos = nowNanos;
  }

  boolean namesItems() {
    return namesItems;
  }

  /** For how long it has been seen to run none of its chunk's items. */
  long pauseNanos(long nowNanos) {
    return nowNanos - pauseSinceNanos;
  }

  /** An item that it has been seen to run for longer than this; empty when there is none. */
  OptionalLong overdue(ControlPage page, int threads, long nowNanos, long limitNanos) {
    begin(page.chunk(), threads, nowNanos);
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

  private void begin(long nowRunning, int threads, long nowNanos) {
    namesItems |= nowRunning != 0;
    if (nowRunning != chunk) {
      pauseSinceNanos = nowNanos;
    }
    if (nowRunning != chunk || items.length != threads) {
      chunk = nowRunning;
      items = new long[threads];
      sinceNanos = new long[threads];
      Arrays.fill(items, NONE);
    }
  }

  /**
   * The items it names; more than one only with threads. With threads, the word for the lowest item
   * blames nobody: it may be one step behind the others.
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
