package dev.manyhands.sdk;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A queue that all items of a job share: each element is taken once, in the order in which the
 * elements came. The service holds the elements, and stores them with the outcomes of the items.
 * Elements have the types of the values of a {@link SharedDict}.
 *
 * <p>Safe for use by any thread. A call that waits asks the service again each second. An interrupt
 * therefore ends a wait within a second, and loses no element. {@link ItemStopped} ends a wait if
 * the item is no longer wanted.
 *
 * <p>A value that the queue cannot hold and a negative time are an {@link
 * IllegalArgumentException}. If the objects of the job take too much memory, a call throws {@link
 * SharedFullException}. After the end of the job, changes throw {@link IllegalStateException}.
 */
public interface SharedQueue {

  /** Appends a value. Waits without a limit while the queue is full. */
  void put(@Nullable Object value) throws InterruptedException;

  /**
   * Appends a value. Waits while the queue is full.
   *
   * @param patience the longest wait; zero for none
   * @return whether the value was appended
   */
  boolean put(@Nullable Object value, Duration patience) throws InterruptedException;

  /** Takes the first element; null if the element is null. Waits without a limit for one. */
  @Nullable Object get() throws InterruptedException;

  /**
   * Takes the first element; null if the element is null. Waits while the queue is empty.
   *
   * @param patience the longest wait; zero for none
   * @throws TimeoutException if no element came in this time
   */
  @Nullable Object get(Duration patience) throws InterruptedException, TimeoutException;

  /** Returns the number of elements. */
  int length();

  /** Removes all elements. */
  void clear();
}
