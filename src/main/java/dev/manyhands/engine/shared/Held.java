package dev.manyhands.engine.shared;

import dev.manyhands.engine.shared.SharedContent.Entry;
import dev.manyhands.model.SharedObject;
import dev.manyhands.store.SharedStore;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The state of one object. Guarded by its set. */
abstract sealed class Held permits HeldDict, HeldElements, HeldPermits, HeldWord {
  private static final Set<String> READING =
      Set.of("get", "contains", "keys", "items", "slice", "length");

  private static final int MOST_ENTRIES = SharedObject.MOST_ENTRIES;
  private static final int MOST_VALUE_BYTES = SharedObject.MOST_VALUE_BYTES;

  final String name;
  final Room room;
  final Unwritten unwritten;

  Held(String name, Room room, Unwritten unwritten) {
    this.name = name;
    this.room = room;
    this.unwritten = unwritten;
  }

  /**
   * Performs an operation.
   *
   * @param worker the number of the worker that calls; negative for a caller outside of all workers
   * @return null if the call has to wait; then nothing has changed
   * @throws SharedFault if the operation cannot be performed; then nothing has changed
   */
  abstract @Nullable SharedAnswer call(String operation, Arguments arguments, long worker);

  /** Returns whether an operation may change the state. */
  boolean changes(String operation) {
    return !READING.contains(operation);
  }

  /** Puts an entry back that was stored. */
  abstract void restore(SharedStore.Entry entry);

  /**
   * Returns how many entries there are, or how many permits are free; null if that is no number.
   */
  abstract @Nullable Long length();

  /** Returns about how much memory the entries take. */
  abstract long bytes();

  /** Returns some entries, in their order. */
  abstract List<Entry> entries(long offset, int limit);

  /** Gives back what a worker holds that has ended. */
  void leave(long worker) {}

  final SharedFault unknown(String operation, String operations) {
    return SharedFault.unknown(
        "'" + name + "' has no operation '" + operation + "'; it has " + operations);
  }

  /** Checks the bounds of a value, and of an object that grows by one entry. */
  static void checkBounds(byte[] value, int entries) {
    if (value.length > MOST_VALUE_BYTES) {
      throw SharedFault.full(
          "a value in a shared object may have at most " + MOST_VALUE_BYTES + " bytes");
    }
    if (entries > MOST_ENTRIES) {
      throw SharedFault.full("a shared object may have at most " + MOST_ENTRIES + " entries");
    }
  }
}
