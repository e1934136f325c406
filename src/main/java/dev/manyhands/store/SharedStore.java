package dev.manyhands.store;

import dev.manyhands.model.SharedSetId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The stored state of shared objects, by the set that they belong to. A set is there as long as its
 * job, or as its row in {@link NamedSetStore}. Safe for use by any thread. Writes and reads behave
 * as in {@link JobStore}.
 */
public interface SharedStore {

  /**
   * An entry of an object.
   *
   * @param object the name of the object; empty for the entry that marks that there is a state
   * @param key the name of the entry in its object
   * @param place the position of the entry in its object
   * @param value any bytes
   */
  record Entry(String object, String key, long place, byte[] value) {}

  /**
   * The new state of an entry.
   *
   * @param value the new value; null if the entry is removed
   */
  record Change(String object, String key, long place, byte @Nullable [] value) {}

  /**
   * Returns all entries of the objects of a set, those of an object in the order of their places.
   * Empty if no state was stored, or the set is gone.
   */
  List<Entry> read(SharedSetId set);

  /**
   * Writes changes, together with other writes if there are any soon. Waits for a database that is
   * away. Changes nothing for a set that is gone.
   *
   * @param bytes about how many bytes there are to write
   * @param changes returns the changes, in their order; called in the writer's thread. A second
   *     call comes only after a failed attempt, and returns the same changes
   */
  CompletableFuture<Void> write(SharedSetId set, long bytes, Supplier<List<Change>> changes);
}
