package dev.manyhands.sdk;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values in an order that all items of a job share. The service holds them, and stores them with
 * the outcomes of the items. Elements have the types of the values of a {@link SharedDict}. An
 * index counts from 0; a negative index counts from the end.
 *
 * <p>Safe for use by any thread. Each call is atomic, and takes one message to the service and one
 * back. A value that the list cannot hold is an {@link IllegalArgumentException}. A list that is
 * full throws {@link SharedFullException}. After the end of the job, changes throw {@link
 * IllegalStateException}.
 */
public interface SharedList {

  /**
   * Appends a value.
   *
   * @return the new length
   */
  int append(@Nullable Object value);

  /**
   * Appends all these values in one step, or none of them.
   *
   * @return the new length
   */
  int extend(Collection<? extends @Nullable Object> values);

  /**
   * Returns an element; null if the element is null.
   *
   * @throws IndexOutOfBoundsException if there is no such element
   */
  @Nullable Object get(int index);

  /**
   * Replaces an element.
   *
   * @throws IndexOutOfBoundsException if there is no such element
   */
  void set(int index, @Nullable Object value);

  /**
   * Returns a copy of the elements from one index to another. Indexes beyond the end are cut.
   *
   * @param from the index of the first element; not negative
   * @param to the index after the last element; {@code Integer.MAX_VALUE} for the end of the list
   * @throws IllegalArgumentException if {@code from} is negative or greater than {@code to}
   */
  List<@Nullable Object> slice(int from, int to);

  /**
   * Removes the last element, and returns it.
   *
   * @throws IndexOutOfBoundsException if the list is empty
   */
  @Nullable Object pop();

  /**
   * Removes an element, and returns it.
   *
   * @throws IndexOutOfBoundsException if there is no such element
   */
  @Nullable Object pop(int index);

  /** Returns the number of elements. */
  int length();

  /** Removes all elements. */
  void clear();
}
