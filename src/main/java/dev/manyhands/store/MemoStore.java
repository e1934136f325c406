package dev.manyhands.store;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Values by the key of all that they depend on. Safe for use by any thread; writes and reads as in
 * {@link JobStore}.
 *
 * <p>Writes fail while the database is away: what is forgotten is only computed again.
 */
public interface MemoStore {

  /** A larger value does not come with its entry: of those a batch of keys may have gigabytes. */
  int MAX_INLINE_BYTES = 512;

  /** What is there for these keys; nothing for those that are not. */
  Map<MemoKey, Entry> find(Collection<MemoKey> keys);

  /** The value of one key, whatever its size; nothing if it was forgotten meanwhile. */
  Optional<byte[]> value(MemoKey key);

  /**
   * Takes in what is not there yet, whole or not at all.
   *
   * @return what there is in all now
   */
  CompletableFuture<Total> add(List<Value> values, Instant at);

  /** Notes that these are still of use. */
  CompletableFuture<Void> touch(List<MemoKey> keys, Instant at);

  /**
   * Forgets about so many entries that were not of use for the longest time.
   *
   * @return what there is in all now
   */
  CompletableFuture<Total> evict(int entries);

  Total total();

  /**
   * What is there for a key.
   *
   * @param value its JSON; null when it is too large to come along
   */
  record Entry(byte @Nullable [] value, Instant usedAt) {}

  /**
   * What is to be remembered.
   *
   * @param value its JSON
   */
  record Value(MemoKey key, byte[] value) {
    /** What it counts towards the bound. */
    long size() {
      return MemoKey.BYTES + (long) value.length;
    }
  }

  /**
   * How much there is.
   *
   * @param bytes of keys and values
   */
  record Total(long entries, long bytes) {}
}
