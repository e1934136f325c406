package dev.manyhands.model;

import dev.manyhands.support.TextBytes;
import org.jspecify.annotations.Nullable;

/**
 * An object that the items of a job share, as the job declares it.
 *
 * @param kind the kind of the object
 * @param initial its first state as JSON: a truth value or a number, an object, an array, the
 *     number of permits, or {@code null} for a lock
 * @param size how many elements a queue holds at most; null for no limit of its own, and for all
 *     other kinds
 */
public record SharedObject(SharedKind kind, String initial, @Nullable Long size) {

  /** The most objects of a job. */
  public static final int MOST_OBJECTS = 64;

  /** The most entries of an object. */
  public static final int MOST_ENTRIES = 100_000;

  /** The most bytes of a key in a dict, as JSON. An index of PostgreSQL takes no longer ones. */
  public static final int MOST_KEY_BYTES = 2 << 10;

  /** The most bytes of a value in an object, as JSON. */
  public static final int MOST_VALUE_BYTES = 1 << 20;

  /** The bytes that an entry counts, beside those of its key and its value. */
  public static final int ENTRY_BYTES = 64;

  /** Returns the object without its first entries, as a job sees an object of a set. */
  public SharedObject outline() {
    return switch (kind) {
      case DICT -> new SharedObject(kind, "{}", null);
      case LIST -> new SharedObject(kind, "[]", null);
      case VALUE, LOCK, QUEUE, SEMAPHORE -> this;
    };
  }

  long textBytes() {
    return TextBytes.of(initial);
  }
}
