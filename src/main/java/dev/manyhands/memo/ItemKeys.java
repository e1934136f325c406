package dev.manyhands.memo;

import dev.manyhands.job.JobSpec;
import dev.manyhands.store.MemoKey;
import dev.manyhands.support.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Digests all that the value of an item depends on: the function, how it is called, what all calls
 * get, and the item; for a job with a seed also that and the item's index, because its random
 * numbers come from both. What only decides how fast it goes (workers, chunks, timeouts) is left
 * out, and so is white space between the tokens of an item.
 *
 * <p>Owned by one thread at a time.
 */
final class ItemKeys {
  /**
   * To be raised when keys are made in another way, or a built-in function gives another value:
   * then nothing old is found.
   */
  private static final int FORMAT = 1;

  private final MessageDigest sha256 = Sha256.digest();
  private final boolean seeded;

  /** Digest of what all items have in common: they are many, and it may be long. */
  private final byte[] common;

  ItemKeys(String function, JobSpec.Call call, @Nullable String allGet, @Nullable Long seed) {
    sha256.update((byte) FORMAT);
    add(function);
    add(call.name());
    add(allGet);
    add(seed == null ? null : seed.toString());
    seeded = seed != null;
    common = sha256.digest();
  }

  static ItemKeys of(JobSpec spec) {
    return new ItemKeys(spec.function().digest(), spec.call(), spec.common(), spec.seed());
  }

  /** With its length before it, so that no two rows of fields are digested alike. */
  private void add(@Nullable String field) {
    byte[] bytes = field == null ? new byte[0] : field.getBytes(StandardCharsets.UTF_8);
    sha256.update(ByteBuffer.allocate(4).putInt(field == null ? -1 : bytes.length).flip());
    sha256.update(bytes);
  }

  /** The key of an item whose JSON is in [from, to). */
  MemoKey of(long index, byte[] json, int from, int to) {
    sha256.update(common);
    if (seeded) {
      sha256.update(ByteBuffer.allocate(8).putLong(index).flip());
    }
    addWithoutSpace(json, from, to);
    return MemoKey.of(sha256.digest());
  }

  /** In as few pieces as there is white space, which mostly is none. */
  private void addWithoutSpace(byte[] json, int from, int to) {
    boolean inString = false;
    int piece = from;
    for (int i = from; i < to; i++) {
      byte c = json[i];
      if (inString) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          inString = false;
        }
      } else if (c == '"') {
        inString = true;
      } else if (c <= ' ' && c >= 0) {
        sha256.update(json, piece, i - piece);
        piece = i + 1;
      }
    }
    sha256.update(json, piece, to - piece);
  }
}
