package dev.manyhands.memo;

/**
 * How much is remembered.
 *
 * @param maxBytes of keys and values in all; 0 for nothing
 * @param maxValueBytes a larger value is not remembered
 */
public record MemoSettings(long maxBytes, long maxValueBytes) {
  boolean isOn() {
    return maxBytes > 0;
  }
}
