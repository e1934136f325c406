package dev.manyhands.engine.memo;

/**
 * The limits of the memo.
 *
 * @param maxBytes the most bytes of keys and values in all; 0 turns the memo off
 * @param maxValueBytes the size of the largest value that is remembered
 */
public record MemoSettings(long maxBytes, long maxValueBytes) {
  boolean isOn() {
    return maxBytes > 0;
  }
}
