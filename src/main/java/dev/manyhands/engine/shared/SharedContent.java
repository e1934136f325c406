package dev.manyhands.engine.shared;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of what a shared object holds.
 *
 * @param entries in the order of the object; empty for a value, a lock and a semaphore
 * @param next the offset of the next part; null if there is none
 */
public record SharedContent(SharedSummary summary, List<Entry> entries, @Nullable Long next) {

  public SharedContent {
    entries = List.copyOf(entries);
  }

  /**
   * An entry.
   *
   * @param key the key in a dict as JSON; null in other objects
   * @param value a JSON value
   */
  public record Entry(@Nullable String key, byte[] value) {}
}
