package dev.manyhands.jobs;

import dev.manyhands.model.Refusal;
import dev.manyhands.store.KeyedAppend;
import dev.manyhands.support.Sha256;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The items of a request that appends under an idempotency key. Items that an earlier request with
 * this key has stored are compared with the new request and not appended again. Used by one thread.
 */
final class KeyedRequest {
  private final String key;
  private final KeyedAppend earlier;
  private final MessageDigest digest = Sha256.digest();
  private long count;

  /** The state of the request in the store once all parts so far are stored. */
  private KeyedAppend stored;

  KeyedRequest(String key, KeyedAppend earlier) {
    this.key = key;
    this.earlier = earlier;
    this.stored = earlier;
  }

  /**
   * Reads the next item of the request.
   *
   * @return whether the item is stored already
   * @throws Refusal if the earlier request had other items
   */
  boolean isStored(byte[] buffer, int from, int to) {
    if (earlier.isComplete() && count == earlier.items()) {
      throw otherRequest();
    }
    digest.update(buffer, from, to - from);
    digest.update((byte) '\n'); // a separator, so that no two requests have equal digests
    count++;
    if (count == earlier.items() && !digestSoFar().equals(earlier.digest())) {
      throw otherRequest();
    }
    return count <= earlier.items();
  }

  /**
   * Returns the key and digests of the part that is appended next: the items since the last part.
   */
  KeyedAppend.Part nextPart() {
    KeyedAppend.Part part = part();
    noteStored(part);
    return part;
  }

  /** Returns what {@link #nextPart} does, for a part that may not be appended after all. */
  KeyedAppend.Part part() {
    return new KeyedAppend.Part(key, stored, count, digestSoFar());
  }

  /** Notes that the next part comes after this one. */
  void noteStored(KeyedAppend.Part part) {
    stored = new KeyedAppend(part.items(), part.digest(), false);
  }

  /**
   * Marks the end of the request.
   *
   * @throws Refusal if the earlier request had more items
   */
  void end() {
    if (count < earlier.items()) {
      throw otherRequest();
    }
  }

  /** Whether an earlier request with this key was stored as a whole. */
  boolean isRepeated() {
    return earlier.isComplete();
  }

  private String digestSoFar() {
    try {
      return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 of the JDK can be cloned", e);
    }
  }

  static Refusal otherRequest() {
    return Refusal.invalid(
        "Idempotency-Key",
        "this key was used for other items of this job; use a new key for a new request");
  }
}
