package dev.manyhands.http.event;

import dev.manyhands.engine.scheduler.BoardChange;
import dev.manyhands.engine.scheduler.BoardChanges;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.http.Activity;
import dev.manyhands.http.Heartbeat;
import dev.manyhands.http.StreamSettings;
import dev.manyhands.http.job.JobView;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.support.Waits;
import dev.manyhands.support.Word;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Streams the changes of all jobs, and the load of the service, in the reader's own (virtual)
 * thread.
 *
 * <p>A reader looks four times a second and writes each job that has changed since its last look,
 * once and with its newest status. Nothing is queued for a reader, and nobody wakes a reader. A
 * slow reader holds only its position in {@link BoardChanges}.
 */
public final class ServiceEvents {
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration LOAD_PAUSE = Duration.ofSeconds(1);
  private final JobBoard board;
  private final Activity activity;
  private final JsonMapper json;
  private final StreamSettings settings;

  public ServiceEvents(
      JobBoard board, Activity activity, JsonMapper json, StreamSettings settings) {
    this.board = board;
    this.activity = activity;
    this.json = json;
    this.settings = settings;
  }

  /** Why a reader must list all jobs. */
  enum Reset {
    /** The reader has no event yet. */
    START,
    /** The service was restarted since the last event. */
    RESTART,
    /** More jobs have changed since the last event than the service remembers. */
    MISSED
  }

  /** A change of a job, without the parts that may be large. */
  record JobChanged(
      String id,
      String name,
      String function,
      JobState state,
      @Nullable String stopReason,
      JobView.Items items,
      boolean inputsOpen,
      JobView.Chunks chunks,
      Instant submittedAt,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt) {

    static JobChanged of(BoardChange.Label label, JobStatus status) {
      return new JobChanged(
          label.job().toString(),
          label.name(),
          label.function(),
          status.state(),
          status.stopReason(),
          JobView.Items.of(status.tally()),
          status.inputsOpen(),
          new JobView.Chunks(status.tally().chunks(), status.chunksRunning()),
          label.submittedAt(),
          status.startedAt(),
          status.finishedAt());
    }
  }

  record JobDeleted(String id) {}

  record ListAgain(String reason) {}

  /**
   * Returns when the service is about to stop.
   *
   * @param last the position of the last event that the reader has; null for none
   * @throws IOException when the reader is gone
   */
  void stream(@Nullable EventPosition last, OutputStream out) throws IOException {
    new Stream(new EventWriter(out)).run(last);
  }

  /** The position of one reader. Owned by the reader's thread. */
  private final class Stream {
    private final BoardChanges changes = board.changes();
    private final EventWriter events;
    private final Heartbeat heartbeat = new Heartbeat(settings.heartbeat(), System::nanoTime);
    private final Heartbeat load = new Heartbeat(LOAD_PAUSE, System::nanoTime);

    /** The number of the last change that the reader knows. */
    private long known;

    Stream(EventWriter events) {
      this.events = events;
    }

    void run(@Nullable EventPosition last) throws IOException {
      events.retry();
      begin(last);
      tellLoad();
      while (!board.closed().isDone()) {
        tellChanges();
        if (load.beats()) {
          tellLoad();
        }
        if (heartbeat.beats()) {
          events.comment();
        }
        events.flush();
        if (!Waits.until(board.closed(), PAUSE)) {
          return;
        }
      }
    }

    private void begin(@Nullable EventPosition last) throws IOException {
      long now = changes.readUpToNow();
      if (last == null) {
        reset(now, Reset.START);
      } else if (last.run() != changes.run() || last.number() > now) {
        reset(now, Reset.RESTART);
      } else {
        known = last.number();
      }
    }

    private void tellChanges() throws IOException {
      long upTo = changes.readUpToNow();
      long from = known;
      while (true) {
        Optional<BoardChange.Numbered> next = changes.next(known, upTo);
        if (next.isEmpty()) {
          break;
        }
        known = next.get().number();
        tell(next.get().change());
      }
      if (changes.hasForgotten(from)) {
        reset(upTo, Reset.MISSED);
      }
      known = upTo;
    }

    private void tell(BoardChange change) throws IOException {
      switch (change) {
        case BoardChange.Live live -> {
          // A job that has left the board has a newer change, or was never accepted.
          Optional<JobStatus> status = board.status(live.job());
          if (status.isPresent()) {
            event("job", JobChanged.of(live.label(), status.get()));
          }
        }
        case BoardChange.Ended ended -> event("job", JobChanged.of(ended.label(), ended.last()));
        case BoardChange.Deleted deleted ->
            event("deleted", new JobDeleted(deleted.job().toString()));
      }
    }

    /** Asks the reader to list the jobs. Changes after the number follow. */
    private void reset(long number, Reset reason) throws IOException {
      known = number;
      event("reset", new ListAgain(Word.of(reason)));
    }

    private void tellLoad() throws IOException {
      event("service", activity.now());
    }

    private void event(String name, Object data) throws IOException {
      var position = new EventPosition(changes.run(), known);
      events.event(name, position.toString(), json.writeValueAsString(data));
    }
  }
}
