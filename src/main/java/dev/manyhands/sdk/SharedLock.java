package dev.manyhands.sdk;

import java.time.Duration;

/**
 * A lock that all items of a job share: at most one thread of one worker holds it.
 *
 * <pre>{@code
 * SharedLock gate = context.sharedLock("gate");
 * gate.acquire();
 * try {
 *   // one item at a time
 * } finally {
 *   gate.release();
 * }
 * }</pre>
 *
 * The lock is released when its worker ends, or when the item whose thread holds it ends. The next
 * holder then finds the lock {@link #abandoned}. The thread that holds the lock may acquire it
 * again, and then releases it as often.
 *
 * <p>Safe for use by any thread. A lock that is free takes a few microseconds. A lock that is held
 * is tried again after at most a millisecond, in no particular order. {@link ItemStopped} ends a
 * wait if the item is no longer wanted.
 */
public interface SharedLock {

  /** Acquires the lock. Waits without a limit for it. */
  void acquire() throws InterruptedException;

  /**
   * Acquires the lock. Waits while another thread holds it.
   *
   * @param patience the longest wait; zero for none
   * @return whether the lock was acquired
   * @throws IllegalArgumentException if the time is negative
   */
  boolean acquire(Duration patience) throws InterruptedException;

  /**
   * Releases the lock.
   *
   * @throws IllegalMonitorStateException if this thread does not hold the lock
   */
  void release();

  /**
   * Returns whether the holder before ended without releasing the lock. The data that the lock
   * guards may then be half changed. False if this thread does not hold the lock.
   */
  boolean abandoned();
}
