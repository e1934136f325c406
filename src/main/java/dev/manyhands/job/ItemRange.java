package dev.manyhands.job;

/** A run of items by index, {@code first} included, {@code end} not. Never empty. */
public record ItemRange(long first, long end) {

  public ItemRange {
    if (first < 0 || end <= first) {
      throw new IllegalArgumentException("not a range of items: [" + first + ", " + end + ")");
    }
  }

  public static ItemRange ofCount(long first, long count) {
    return new ItemRange(first, first + count);
  }

  public long count() {
    return end - first;
  }

  public boolean contains(long index) {
    return first <= index && index < end;
  }

  public boolean contains(ItemRange other) {
    return first <= other.first && other.end <= end;
  }

  @Override
  public String toString() {
    return "[" + first + ", " + end + ")";
  }
}
