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

  long textBytes() {
    return TextBytes.of(initial);
  }
}
