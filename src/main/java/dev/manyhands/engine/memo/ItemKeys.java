package dev.manyhands.engine.memo;

import dev.manyhands.model.Initializer;
import dev.manyhands.model.JobSpec;
import dev.manyhands.store.MemoKey;
import dev.manyhands.support.DigestedText;
import dev.manyhands.support.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Digests everything that the value of an item depends on: the function, its initializer, the kind
 * of call, the common arguments, the form of values, and the item. For a job with a seed, the key
 * also contains the seed and the item's index, because random numbers depend on both. Options that
 * only change the speed (workers, chunks, timeouts) are left out. White space between the tokens of
 * an item is left out too.
 *
 * <p>Owned by one thread at a time.
 */
final class ItemKeys {
  /**
   * The version of the keys. Raise it when keys are made in another way, or when a built-in
   * function returns other values. No old entry is found then.
   */
  private static final int FORMAT = 1;

  private final MessageDigest sha256 = Sha256.digest();
  private final boolean seeded;

  /**
   * The digest of the parts that all items share. It is computed once, because items are many and
   * the parts may be long.
   */
  private final byte[] common;

  ItemKeys(
      String function,
      JobSpec.Call call,
      @Nullable String allGet,
      @Nullable Long seed,
      JobSpec.NonFinite nonFinite,
      JobSpec.Values values,
      @Nullable Initializer initializer) {
    sha256.update((byte) FORMAT);
    add(function);
    add(call.name());
    add(allGet);
    add(seed == null ? null : seed + " 2"); // 2: numpy draws other numbers than random
    if (nonFinite != JobSpec.NonFinite.ERROR) {
      add(nonFinite.name()); // the form of NaN is part of the value
    }
    if (values != JobSpec.Values.JSON) {
      add("values " + values.name()); // equal texts of items mean other values
    }
    if (initializer != null) {
      add("initializer");
      add(initializer.entry());
      add(initializer.args());
    }
    seeded = seed != null;
    common = sha256.digest();
  }

  static ItemKeys of(JobSpec spec) {
    return new ItemKeys(
        spec.function().digest(),
        spec.call(),
        spec.common(),
        spec.seed(),
        spec.nonFinite(),
        spec.values(),
        spec.initializer());
  }

  /** Adds a field with its length before it, so that no two lists of fields have equal digests. */
  private void add(@Nullable String field) {
    byte[] bytes = field == null ? new byte[0] : DigestedText.of(field);
    sha256.update(ByteBuffer.allocate(4).putInt(field == null ? -1 : bytes.length).flip());
    sha256.update(bytes);
  }

  /** Returns the key of an item whose JSON is in [from, to). */
  MemoKey of(long index, byte[] json, int from, int to) {
    sha256.update(common);
    if (seeded) {
      sha256.update(ByteBuffer.allocate(8).putLong(index).flip());
    }
    addWithoutSpace(json, from, to);
    return MemoKey.of(sha256.digest());
  }

  /** Adds JSON without white space, in as few pieces as possible. Mostly there is one piece. */
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
