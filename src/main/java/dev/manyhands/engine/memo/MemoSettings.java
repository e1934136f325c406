package dev.manyhands.engine.memo;

/**
 * The limits of the memo.
 *
 * @param maxBytes of keys and values in all; 0 for nothing
 * @param maxValueBytes of the largest value that is remembered
 */
public record MemoSettings(long maxBytes, long maxValueBytes) {
  boolean isOn() {
    return maxBytes > 0;
  }
}
