package dev.manyhands.engine.shared;

import dev.manyhands.store.SharedStore.Change;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The changes of one job's objects that the store has not got yet. Guarded by its set. */
final class Unwritten {
  private record Id(String object, String key) {}

  /**
   * The last change of an entry.
   *
   * @param isNew whether the store has no entry with this key, not even on its way
   */
  private record Last(Change change, boolean isNew) {}

  private final Map<Id, Last> changes = new LinkedHashMap<>();

  private long bytes;

  /** How often each object was changed. */
  private final Map<String, Long> counts = new HashMap<>();

  /** Notes an entry that was added. */
  void add(String object, String key, long place, byte[] value) {
    put(new Change(object, key, place, value), true);
  }

  /** Notes the new value of an entry. */
  void set(String object, String key, long place, byte[] value) {
    put(new Change(object, key, place, value), false);
  }

  private void put(Change change, boolean isAdded) {
    counts.merge(change.object(), 1L, Long::sum);
    var id = new Id(change.object(), change.key());
    Last before = changes.get(id);
    changes.put(id, new Last(change, before == null ? isAdded : before.isNew()));
    bytes += bytes(change) - (before == null ? 0 : bytes(before.change()));
  }

  /**
   * Notes that an entry was removed. Nothing is left of an entry that the store has never seen:
   * otherwise the elements that pass through a queue would fill the memory while the store is away.
   */
  void remove(String object, String key, long place) {
    counts.merge(object, 1L, Long::sum);
    var id = new Id(object, key);
    Last before = changes.remove(id);
    bytes -= before == null ? 0 : bytes(before.change());
    if (before == null || !before.isNew()) {
      var change = new Change(object, key, place, null);
      changes.put(id, new Last(change, false));
      bytes += bytes(change);
    }
  }

  private static long bytes(Change change) {
    byte[] value = change.value();
    return (long) Room.ENTRY_BYTES + change.key().length() + (value == null ? 0 : value.length);
  }

  /** Returns how often the object was changed since the set is in memory. */
  long count(String object) {
    return counts.getOrDefault(object, 0L);
  }

  boolean isEmpty() {
    return changes.isEmpty();
  }

  long bytes() {
    return bytes;
  }

  /** Hands all changes over, and begins anew. */
  List<Change> drain() {
    List<Change> all = changes.values().stream().map(Last::change).toList();
    changes.clear();
    bytes = 0;
    return all;
  }
}
