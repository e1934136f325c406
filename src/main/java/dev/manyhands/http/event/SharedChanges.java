package dev.manyhands.http.event;

import dev.manyhands.engine.shared.SharedDeclaration;
import dev.manyhands.engine.shared.SharedObjects;
import dev.manyhands.engine.shared.SharedSetGoneException;
import dev.manyhands.engine.shared.SharedSummary;
import dev.manyhands.http.SharedView.SharedList;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds the shared objects that have changed since a reader's last look: at first all. Owned by the
 * thread of the reader's stream.
 */
final class SharedChanges {
  /** The shortest time between two reports. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final SharedObjects shared;
  private final SharedDeclaration set;
  private final JsonMapper json;
  private final Map<String, SharedSummary> told = new HashMap<>();
  private long dueNanos = System.nanoTime();

  SharedChanges(SharedObjects shared, SharedDeclaration set, JsonMapper json) {
    this.shared = shared;
    this.set = set;
    this.json = json;
  }

  /** Returns how long the next look has to wait; zero or less if it is due. */
  Duration left() {
    return Duration.ofNanos(dueNanos - System.nanoTime());
  }

  /**
   * Returns the objects that have changed, as the data of an event; empty for none. Blocks for a
   * read if the set is not in memory.
   *
   * @throws SharedSetGoneException if the set was deleted
   */
  Optional<String> next() {
    dueNanos = System.nanoTime() + PAUSE.toNanos();
    List<SharedSummary> now;
    try {
      now = shared.of(set);
    } catch (UncheckedIOException notMade) {
      return Optional.empty(); // the page of the set cannot be made now
    }
    List<SharedSummary> changed =
        now.stream().filter(object -> !object.equals(told.put(object.name(), object))).toList();
    return changed.isEmpty()
        ? Optional.empty()
        : Optional.of(json.writeValueAsString(SharedList.of(changed)));
  }
}
