package dev.manyhands.harness;

import dev.manyhands.sdk.ItemStopped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileLock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A lock of the job, as this process has it: a record lock excludes other processes, and a lock of
 * Java the threads of this one. One object for each lock of the page. Safe for use by any thread.
 */
final class WordLock {
  private static final int HOLDER = 1;
  private static final int HOLDERS_ITEM = 2;
  private static final int SINCE = 3;

  /** How often a lock is tried at once, before the thread sleeps. */
  private static final int YIELDS = 20;

  private static final long FIRST_SLEEP_NANOS = 50_000;
  private static final long LONGEST_SLEEP_NANOS = 1_000_000;

  private final String name;
  private final WordPage page;
  private final int word;
  private final long worker;
  private final LockWait wait;
  private final ReentrantLock inner = new ReentrantLock();

  // Guarded by the inner lock.

  /** Null unless this process holds the lock. */
  private @Nullable FileLock record;

  private boolean abandoned;

  /**
   * @param word the first word of the object
   */
  WordLock(String name, WordPage page, int word, long worker, LockWait wait) {
    this.name = name;
    this.page = page;
    this.word = word;
    this.worker = worker;
    this.wait = wait;
  }

  /**
   * Acquires the lock for an item.
   *
   * @param patience the longest wait, in nanoseconds; {@code Long.MAX_VALUE} for no limit
   * @return whether the lock was acquired
   */
  @SuppressWarnings("ThreadPriorityCheck") // a processor for the holder, who mostly needs little
  boolean acquire(ItemContext context, long patience) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (inner.tryLock() && gain(context)) {
      return true;
    }
    long began = System.nanoTime();
    for (int i = 0; i < YIELDS && patience > 0; i++) {
      Thread.yield();
      if (inner.tryLock() && gain(context)) {
        return true;
      }
    }
    boolean isReported = false;
    long sleep = FIRST_SLEEP_NANOS;
    try {
      while (true) {
        if (context.stopped()) {
          throw new ItemStopped();
        }
        long waited = System.nanoTime() - began;
        long left = patience - waited;
        if (left <= 0) {
          return false;
        }
        sleep = Math.min(sleep, left);
        // Ends early if a thread of this process releases the lock.
        if (inner.tryLock(sleep, TimeUnit.NANOSECONDS)) {
          if (gain(context)) {
            return true;
          }
          TimeUnit.NANOSECONDS.sleep(sleep);
        }
        sleep = Math.min(sleep + sleep / 2, LONGEST_SLEEP_NANOS);
        if (!isReported && waited > LockWait.REPORTED_NANOS) {
          isReported = true;
          wait.begins(context);
        }
      }
    } finally {
      if (isReported) {
        wait.ends(context);
      }
    }
  }

  /** Gains the record lock. Leaves the inner lock if another process has the record lock. */
  private boolean gain(ItemContext context) {
    if (inner.getHoldCount() > 1) {
      return true;
    }
    try {
      record = page.tryLock(word);
      if (record != null) {
        abandoned = page.read(word + HOLDER) != 0;
        page.write(word + HOLDER, worker + 1);
        page.write(word + HOLDERS_ITEM, context.itemIndex());
        page.write(word + SINCE, TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()));
      }
    } finally {
      if (record == null) {
        inner.unlock();
      }
    }
    return record != null;
  }

  void release() {
    if (!inner.isHeldByCurrentThread()) {
      throw new IllegalMonitorStateException(
          "'" + name + "' is not held by this thread, and cannot be released");
    }
    if (inner.getHoldCount() > 1) {
      inner.unlock();
      return;
    }
    page.write(word + HOLDER, 0);
    page.write(word + HOLDERS_ITEM, 0);
    page.write(word + SINCE, 0);
    letGo();
  }

  /**
   * Releases the lock as if its process had ended, if this thread has it. Otherwise an item that
   * fails before it releases a lock would keep all others waiting.
   */
  void abandon() {
    while (inner.getHoldCount() > 1) {
      inner.unlock();
    }
    if (inner.isHeldByCurrentThread()) {
      letGo();
    }
  }

  private void letGo() {
    FileLock held = record;
    record = null;
    try {
      if (held != null) {
        held.release();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("'" + name + "' cannot be released", e);
    } finally {
      inner.unlock();
    }
  }

  /** Returns whether this thread has the lock, and the holder before ended with it. */
  boolean isAbandoned() {
    return inner.isHeldByCurrentThread() && abandoned;
  }
}
