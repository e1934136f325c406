package dev.manyhands.model;

/**
 * Adjacent inputs.
 *
 * @param items their indexes
 * @param bytes their JSON in order, joined by commas, as it was posted
 */
public record InputSegment(ItemRange items, byte[] bytes) {
  /**
   * The size from which a segment is full. Large enough that the overhead of a row does not matter;
   * small enough that many segments fit in memory.
   */
  public static final int FULL_BYTES = 256 << 10;
}
