package dev.manyhands.engine.shared;

import dev.manyhands.store.SharedStore.Change;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The changes of one job's objects that the store has not got yet. Guarded by its set. */
final class Unwritten {
  private record Id(String object, String key) {}

  /** The last change of each entry. */
  private final Map<Id, Change> changes = new LinkedHashMap<>();

  private long bytes;

  void put(String object, String key, long place, byte[] value) {
    add(new Change(object, key, place, value));
  }

  void remove(String object, String key, long place) {
    add(new Change(object, key, place, null));
  }

  private void add(Change change) {
    Change before = changes.put(new Id(change.object(), change.key()), change);
    bytes += bytes(change) - (before == null ? 0 : bytes(before));
  }

  private static long bytes(Change change) {
    byte[] value = change.value();
    return (long) Room.ENTRY_BYTES + change.key().length() + (value == null ? 0 : value.length);
  }

  boolean isEmpty() {
    return changes.isEmpty();
  }

  long bytes() {
    return bytes;
  }

  /** Hands all changes over, and begins anew. */
  List<Change> drain() {
    var all = List.copyOf(changes.values());
    changes.clear();
    bytes = 0;
    return all;
  }
}
