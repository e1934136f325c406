package dev.manyhands.http.event;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.shared.SharedDeclaration;
import dev.manyhands.engine.shared.SharedObjects;
import dev.manyhands.engine.shared.SharedSetGoneException;
import dev.manyhands.http.Heartbeat;
import dev.manyhands.http.StreamSettings;
import dev.manyhands.http.job.JobView;
import dev.manyhands.http.job.JobViews;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.support.Waits;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Streams the progress of a job until it has ended, in the reader's own (virtual) thread.
 *
 * <p>No events are queued for a reader. Each round takes the newest status from the board and
 * writes it. A slow reader that blocks the write misses the states in between and then gets the
 * present state; no other reader waits. A reader that is gone makes a write fail, at the latest the
 * write of a sign of life.
 */
public final class JobEvents {
  /** The shortest time between two progress events of a stream. */
  private static final Duration PROGRESS_PAUSE = Duration.ofMillis(250);

  private final JobDesk jobs;
  private final JobBoard board;
  private final SharedObjects shared;
  private final Text text;
  private final StreamSettings settings;
  private final Clock clock;

  public JobEvents(
      JobDesk jobs,
      JobBoard board,
      SharedObjects shared,
      Text text,
      StreamSettings settings,
      Clock clock) {
    this.jobs = jobs;
    this.board = board;
    this.shared = shared;
    this.text = text;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Returns when the reader knows that the job has ended. Returns earlier when the service is about
   * to stop, or when the job's end could not be stored.
   *
   * @param job as it was a moment ago
   * @param lastId of the last event that the reader has; 0 for none
   * @throws IOException when the reader is gone
   */
  void stream(Job job, long lastId, OutputStream out) throws IOException {
    new Stream(job, new EventIds(lastId, job.submittedAt(), clock), new EventWriter(out)).run();
  }

  /** The state that one reader knows. Owned by the reader's thread. */
  private final class Stream {
    private final EventIds ids;
    private final EventWriter events;
    private final Heartbeat heartbeat = new Heartbeat(settings.heartbeat(), System::nanoTime);
    private Job job;
    private @Nullable JobState toldState;
    private @Nullable JobStatus toldProgress;
    private long progressDueNanos = System.nanoTime();

    /** Null for a job without shared objects. */
    private final @Nullable SharedChanges objects;

    Stream(Job job, EventIds ids, EventWriter events) {
      this.job = job;
      this.ids = ids;
      this.events = events;
      this.objects =
          job.spec().shared().isEmpty()
              ? null
              : new SharedChanges(shared, SharedDeclaration.of(job), text.json);
    }

    void run() throws IOException {
      events.retry();
      while (true) {
        // The change is requested before the look, so that no change between the look and the wait
        // is missed.
        CompletableFuture<?> change = board.changed(job.id());
        if (!look()) {
          return;
        }
        if (job.status().state().isTerminal()) {
          break;
        }
        tellState();
        tellProgress();
        if (objects != null && !objects.left().isPositive()) {
          tellObjects(objects);
        }
        if (heartbeat.beats()) {
          events.comment();
        }
        events.flush();
        if (!await(change)) {
          return;
        }
      }
      if (toldState != null) {
        tellState();
        if (objects != null) {
          tellObjects(objects); // as the last items have left them
        }
      }
      events.event("end", ids.next(), text.end(job));
      events.flush();
    }

    /**
     * Reads the newest status. The store is asked once a stream, when the board has no status of
     * the job any more.
     *
     * @return false when nothing will change any more, because the job's end could not be stored
     */
    private boolean look() {
      Optional<JobStatus> live = board.status(job.id());
      if (live.isPresent()) {
        job = job.withStatus(live.get());
        return true;
      }
      job = jobs.get(job.id());
      return job.status().state().isTerminal();
    }

    private void tellState() throws IOException {
      for (JobState state : passed(toldState, job.status())) {
        events.event("state", ids.next(), text.state(state));
      }
      toldState = job.status().state();
    }

    private void tellProgress() throws IOException {
      if (System.nanoTime() - progressDueNanos >= 0 && !job.status().equals(toldProgress)) {
        events.event("progress", ids.next(), text.progress(job));
        toldProgress = job.status();
        progressDueNanos = System.nanoTime() + PROGRESS_PAUSE.toNanos();
      }
    }

    private void tellObjects(SharedChanges changes) throws IOException {
      try {
        Optional<String> changed = changes.next();
        if (changed.isPresent()) {
          events.event("shared", ids.next(), changed.get());
        }
      } catch (SharedSetGoneException gone) {
        // The job has just ended, and the set that it used was deleted.
      }
    }

    /** Waits until there may be something to report; false when the service is about to stop. */
    private boolean await(CompletableFuture<?> change) {
      long nanos = heartbeat.left().toNanos();
      CompletableFuture<?> event = change;
      if (objects != null) {
        nanos = Math.min(nanos, Math.max(0, objects.left().toNanos()));
      }
      long pause = progressDueNanos - System.nanoTime();
      if (pause > 0) {
        nanos = Math.min(nanos, pause);
        if (job.status().state() == JobState.RUNNING) {
          // The job may change a thousand times until the next report; before that, only its end
          // matters.
          event = board.ended(job.id()).<CompletableFuture<?>>map(end -> end).orElse(change);
        }
      }
      return !board.closed().isDone() && Waits.until(event, Duration.ofNanos(nanos));
    }
  }

  /**
   * Returns the states to report, including states in between that the stream has not seen. A job
   * was {@code RUNNING} if it has ended and ever started, and {@code QUEUED} before it was {@code
   * RUNNING}.
   *
   * @param before the state that was reported last; null for none
   */
  static List<JobState> passed(@Nullable JobState before, JobStatus now) {
    if (before == now.state()) {
      return List.of();
    }
    var states = new ArrayList<JobState>();
    boolean ran = now.state() == JobState.RUNNING || now.startedAt() != null;
    if (before == JobState.WAITING && ran) {
      states.add(JobState.QUEUED);
    }
    if ((before == JobState.WAITING || before == JobState.QUEUED)
        && now.state().isTerminal()
        && ran) {
      states.add(JobState.RUNNING);
    }
    states.add(now.state());
    return states;
  }

  /** Writes the data of events as JSON. */
  public static final class Text {
    private final JobViews views;
    private final JsonMapper json;
    private final Clock clock;

    public Text(JobViews views, JsonMapper json, Clock clock) {
      this.views = views;
      this.json = json;
      this.clock = clock;
    }

    private record Progress(
        JobState state,
        JobView.Items items,
        boolean inputsOpen,
        JobView.Chunks chunks,
        JobView.Progress progress,
        @Nullable Double elapsedSeconds,
        double workSeconds,
        int workersUsed) {}

    String state(JobState state) {
      return "{\"state\":\"" + state + "\"}";
    }

    String progress(Job job) {
      JobView view = JobView.of(job.summary(), clock.instant(), null);
      return json.writeValueAsString(
          new Progress(
              view.state(),
              view.items(),
              view.inputsOpen(),
              view.chunks(),
              view.progress(),
              view.elapsedSeconds(),
              view.workSeconds(),
              view.workersUsed()));
    }

    String end(Job job) throws IOException {
      return new String(views.of(job), StandardCharsets.UTF_8);
    }
  }
}
