package dev.manyhands.store;

import java.nio.ByteBuffer;

/** The 32 bytes of a digest, as numbers, so that they can be compared and looked up fast. */
public record MemoKey(long first, long second, long third, long fourth) {
  public static final int BYTES = 4 * Long.BYTES;

  /** Returns the key of the first 32 of these bytes. */
  public static MemoKey of(byte[] digest) {
    var bytes = ByteBuffer.wrap(digest);
    return new MemoKey(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES)
        .putLong(first)
        .putLong(second)
        .putLong(third)
        .putLong(fourth)
        .array();
  }
}
