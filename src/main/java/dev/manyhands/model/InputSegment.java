package dev.manyhands.model;

import org.jspecify.annotations.Nullable;

/**
 * Adjacent inputs.
 *
 * @param items their indexes
 * @param bytes their JSON in order, joined by commas, as it was posted
 * @param origins the items of the parent that these items try again, on their way into the store;
 *     null for the items of other jobs, and for a segment that was read
 */
public record InputSegment(ItemRange items, byte[] bytes, @Nullable ParentItems origins) {
  /**
   * The size from which a segment is full. Large enough that the overhead of a row does not matter;
   * small enough that many segments fit in memory.
   */
  public static final int FULL_BYTES = 256 << 10;

  /** Creates a segment of items that are no items of another job. */
  public InputSegment(ItemRange items, byte[] bytes) {
    this(items, bytes, null);
  }
}
