package dev.manyhands.sdk;

import java.time.Duration;

/**
 * Permits that all items of a job share, for example one for each connection to a database. The
 * service holds them. A worker that ends gives its permits back; an item that ends does not.
 *
 * <p>Safe for use by any thread. A permit may be released by another thread of the worker. A call
 * that waits asks the service again each second. An interrupt therefore ends a wait within a
 * second, and loses no permit. {@link ItemStopped} ends a wait if the item is no longer wanted.
 * After the end of the job, changes throw {@link IllegalStateException}.
 */
public interface SharedSemaphore {

  /** Takes a permit. Waits without a limit for one. */
  void acquire() throws InterruptedException;

  /**
   * Takes a permit. Waits while there is none.
   *
   * @param patience the longest wait; zero for none
   * @return whether a permit was taken
   * @throws IllegalArgumentException if the time is negative
   */
  boolean acquire(Duration patience) throws InterruptedException;

  /**
   * Gives a permit back.
   *
   * @throws IllegalArgumentException if this worker has no permit
   */
  void release();

  /** Returns the number of free permits. */
  int free();
}
