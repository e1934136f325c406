package dev.manyhands.sdk;

/**
 * A truth value or a number that all items of a job share, in memory that all its workers map. The
 * declaration of the job fixes the type.
 *
 * <p>Safe for use by any thread. Reading and writing take nanoseconds, and are atomic on their own.
 * A change that depends on the value before needs {@link #add} or the {@link #lock}.
 */
public interface SharedValue {

  /** Returns the value: a {@code Boolean}, a {@code Long} or a {@code Double}. */
  Object get();

  /**
   * Sets the value.
   *
   * @throws IllegalArgumentException if the value is not of the type of the declaration; an integer
   *     is a number, too
   */
  void set(Object value);

  /**
   * Adds to the number under the lock of the value. Waits for the lock as {@link
   * SharedLock#acquire()} does.
   *
   * @return the sum: a {@code Long} or a {@code Double}
   * @throws IllegalArgumentException if this is a truth value, or {@code n} is of another type
   * @throws ArithmeticException if the sum of integers does not fit in 64 bits
   */
  Number add(Number n) throws InterruptedException;

  /** Returns the lock of the value. It excludes other holders of the lock, and {@link #add}. */
  SharedLock lock();
}
