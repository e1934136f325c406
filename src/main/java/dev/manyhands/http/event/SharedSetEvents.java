package dev.manyhands.http.event;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.shared.SharedDeclaration;
import dev.manyhands.engine.shared.SharedObjects;
import dev.manyhands.engine.shared.SharedSetGoneException;
import dev.manyhands.http.Heartbeat;
import dev.manyhands.http.StreamSettings;
import dev.manyhands.model.NamedSet;
import dev.manyhands.support.Waits;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Streams the changes of a set of shared objects until it is deleted, in the reader's own (virtual)
 * thread. A reader looks four times a second; nothing is queued for a reader, and nobody wakes a
 * reader.
 */
public final class SharedSetEvents {
  private final SharedObjects shared;
  private final JobBoard board;
  private final JsonMapper json;
  private final StreamSettings settings;
  private final Clock clock;

  public SharedSetEvents(
      SharedObjects shared, JobBoard board, JsonMapper json, StreamSettings settings, Clock clock) {
    this.shared = shared;
    this.board = board;
    this.json = json;
    this.settings = settings;
    this.clock = clock;
  }

  record SetDeleted(String name) {}

  /**
   * Returns when the set is gone, or the service is about to stop.
   *
   * @param lastId of the last event that the reader has; 0 for none
   * @throws IOException when the reader is gone
   */
  void stream(NamedSet set, long lastId, OutputStream out) throws IOException {
    var ids = new EventIds(lastId, set.createdAt(), clock);
    var events = new EventWriter(out);
    var changes = new SharedChanges(shared, SharedDeclaration.of(set), json);
    var heartbeat = new Heartbeat(settings.heartbeat(), System::nanoTime);
    events.retry();
    do {
      Optional<String> changed;
      try {
        changed = changes.next();
      } catch (SharedSetGoneException gone) {
        events.event("deleted", ids.next(), json.writeValueAsString(new SetDeleted(set.name())));
        events.flush();
        return;
      }
      if (changed.isPresent()) {
        events.event("shared", ids.next(), changed.get());
      }
      if (heartbeat.beats()) {
        events.comment();
      }
      events.flush();
    } while (Waits.until(board.closed(), changes.left()) && !board.closed().isDone());
  }
}
