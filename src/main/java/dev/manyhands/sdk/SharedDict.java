package dev.manyhands.sdk;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values by key that all items of a job share. The service holds them, and stores them with the
 * outcomes of the items.
 *
 * <p>A key is a {@code String} or an integer; {@code "3"} and {@code 3} are different keys. A value
 * is anything that may be a result. A value that is read has the types of an item that is declared
 * as {@code Object}: an integer is a {@code Long}, an object a {@code Map}.
 *
 * <p>Safe for use by any thread. Each call is atomic, and takes one message to the service and one
 * back. A key or a value that the dict cannot hold is an {@link IllegalArgumentException}. A dict
 * that is full throws {@link SharedFullException}. After the end of the job, changes throw {@link
 * IllegalStateException}.
 */
public interface SharedDict {

  /** Returns the value of a key; null if the key is missing, or if its value is null. */
  @Nullable Object get(Object key);

  /** Returns whether the dict has the key. */
  boolean contains(Object key);

  /** Sets the value of a key. */
  void set(Object key, @Nullable Object value);

  /**
   * Sets the value of a key that is missing.
   *
   * @return the value that the key has now: that of the first caller
   */
  @Nullable Object setDefault(Object key, @Nullable Object value);

  /** Removes a key; returns its value, or null if the key is missing or its value is null. */
  @Nullable Object pop(Object key);

  /**
   * Adds to the number of a key. A missing key counts as 0. The sum of integers is exact; any other
   * sum is a double.
   *
   * @return the sum, which is now the value of the key
   * @throws IllegalArgumentException if the value of the key is not a number
   */
  Number add(Object key, Number n);

  /**
   * Sets the value of a key if it equals {@code old}.
   *
   * @return whether the value was set; false if the key is missing
   */
  boolean compareAndSet(Object key, @Nullable Object old, @Nullable Object value);

  /** Sets all these keys in one step, or none of them. */
  void update(Map<?, ? extends @Nullable Object> entries);

  /** Returns a copy of the keys, in the order in which they came. */
  List<Object> keys();

  /** Returns a copy of the keys and values, in the order in which the keys came. */
  Map<Object, @Nullable Object> items();

  /** Returns the number of keys. */
  int length();

  /** Removes all keys. */
  void clear();
}
