package dev.manyhands.engine.worker;

/**
 * Limits of the data that a worker sends.
 *
 * @param maxResultBytes the longest result of one item
 * @param maxFrameBytes the longest frame of a worker
 */
public record ChannelLimits(int maxResultBytes, int maxFrameBytes) {
  /**
   * The heap divided by this number is the room for results that all slots share. A result is in
   * memory twice while it is checked, so that all slots take at most a quarter of the heap.
   */
  private static final int SHARE_OF_HEAP = 8;

  /** The result length that even the smallest heap accepts. */
  private static final int LEAST_RESULT_BYTES = 64 << 10;

  /**
   * Returns the longest result of one item: as wanted, or less if the heap has no room for it in
   * all slots at once.
   *
   * @param wanted the bytes that the operator has set
   * @param heapBytes the largest heap that the service may have
   */
  public static int resultBytes(long wanted, int slots, long heapBytes) {
    long room = Math.max(LEAST_RESULT_BYTES, heapBytes / SHARE_OF_HEAP / slots);
    return (int) Math.min(Math.min(wanted, room), Integer.MAX_VALUE - (2 << 20));
  }
}
