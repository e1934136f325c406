package dev.manyhands.store;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobNote;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Values by the key of all that they depend on. Safe for use by any thread. Writes and reads behave
 * as in {@link JobStore}.
 *
 * <p>Writes fail while the database is away, because a lost value is only computed again.
 */
public interface MemoStore {

  /**
   * Largest value that is read along with its entry. A batch of keys could have gigabytes of larger
   * values.
   */
  int MAX_INLINE_BYTES = 512;

  /** Returns the entries of these keys. A key that is not stored has none. */
  Map<MemoKey, Entry> find(Collection<MemoKey> keys);

  /** Returns the value of a key, whatever its size; empty if the value was removed meanwhile. */
  Optional<byte[]> value(MemoKey key);

  /**
   * Adds the values that are not stored yet, whole or not at all. A value may differ, byte for
   * byte, from an earlier value of its key, which is stored or among these values. The earlier
   * value then stays, and the job gets a note, a {@link JobNote.Kind#CACHE_DIFFERS}.
   *
   * @param by the job that computed the values
   * @return how much is stored in all now
   */
  CompletableFuture<Total> add(JobId by, List<Value> values, Instant at);

  /** Sets the time of the last use of these keys, by which {@link #evict} chooses. */
  CompletableFuture<Void> touch(List<MemoKey> keys, Instant at);

  /**
   * Removes the {@code entries} entries that were not used for the longest time.
   *
   * @return how much is stored in all now
   */
  CompletableFuture<Total> evict(int entries);

  Total total();

  /**
   * The stored entry of a key.
   *
   * @param value its JSON; null when the value has more than {@link #MAX_INLINE_BYTES}
   */
  record Entry(byte @Nullable [] value, Instant usedAt) {}

  /**
   * A value to be stored.
   *
   * @param value its JSON
   * @param item the index of the item that has the value
   */
  record Value(MemoKey key, byte[] value, long item) {
    /** Returns the bytes that the value counts towards the size limit. */
    public long size() {
      return MemoKey.BYTES + (long) value.length;
    }
  }

  /**
   * The size of the memo.
   *
   * @param bytes of keys and values
   */
  record Total(long entries, long bytes) {}
}
