package dev.manyhands.model.json;

import java.util.Arrays;

/** Collects JSON values in the form of {@link JoinedValues}. Used by one thread. */
public final class ValueJoiner {
  private byte[] bytes;
  private int size;

  /**
   * @param capacity bytes of values for which the buffer need not grow
   */
  public ValueJoiner(int capacity) {
    this.bytes = new byte[capacity];
  }

  /** Adds one value, or several that are joined already. They were checked. */
  public void add(byte[] from, int start, int end) {
    int length = end - start;
    ensureRoom(length + 1);
    if (size > 0) {
      bytes[size++] = ',';
    }
    System.arraycopy(from, start, bytes, size, length);
    size += length;
  }

  private void ensureRoom(int more) {
    int needed = Math.addExact(size, more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length));
    }
  }

  /** Returns the number of bytes. It is 0 only if there are no values. */
  public int size() {
    return size;
  }

  /** Returns a copy of the values. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  /** Removes all values. The buffer stays as large as it is. */
  public void clear() {
    size = 0;
  }
}
