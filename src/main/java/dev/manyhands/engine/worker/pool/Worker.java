package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.BrokenProtocolException;
import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.SlotEvent.Death;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerEvent.Gone;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerState;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker as the {@link WorkerPool} knows it, from the call that starts it until its process is
 * gone. The states are those of {@link WorkerState}:
 *
 * <pre>
 * STARTING ── loaded ──▶ IDLE ◀── give, last answer ──▶ BUSY
 *     └──────────── askToEnd, kill ──▶ STOPPING ◀──────────┘
 * </pre>
 *
 * A worker that starts may have chunks. The first ending counts: later ones only kill again. Owned
 * by the pool's thread, but for the orders, which the worker's own threads take out.
 */
final class Worker {
  static final int NO_SLOT = -1;

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /** How long a worker that was asked to end may take, before it is killed. */
  private static final Duration END_GRACE = Duration.ofSeconds(2);

  /** How long a worker may take to print its stacks and end, before it is killed. */
  private static final Duration STACKS_GRACE = Duration.ofMillis(200);

  /** How long to wait before a worker that could not be killed is killed again. */
  private static final Duration KILL_AGAIN = Duration.ofMillis(100);

  private final long id;
  private final WorkerKey key;
  private final Job firstJob;
  private final Instant startedAt;
  private final BlockingDeque<WorkerMessage> orders = new LinkedBlockingDeque<>();

  private final SentChunks sent = new SentChunks();
  private final PageRequests requests = new PageRequests();
  private final WorkerWatch watch;
  private final WorkerUse use;
  private int slot = NO_SLOT;
  private @Nullable RunningWorker process;
  private boolean loaded;
  private @Nullable Ending ending;

  /** When to kill the worker if it has not ended or is still busy, by the monotonic clock. */
  private @Nullable Long killAtNanos;

  /** The job that was announced to the worker last. */
  private @Nullable JobId job;

  private String runtime = "";

  Worker(long id, WorkerKey key, Job firstJob, Instant startedAt, long nowNanos) {
    this.id = id;
    this.key = key;
    this.firstJob = firstJob;
    this.startedAt = startedAt;
    this.watch = new WorkerWatch(firstJob.spec().function().definition().namesItems(), nowNanos);
    this.use = new WorkerUse(firstJob, sent);
    orders.add(new WorkerMessage.Load(firstJob));
  }

  // ---- what it is

  long id() {
    return id;
  }

  WorkerKey key() {
    return key;
  }

  Launch launch() {
    return new Launch(id, firstJob, key.memoryBytes(), key.traceparent(), orders);
  }

  FunctionDefinition definition() {
    return firstJob.spec().function().definition();
  }

  FunctionRuntime kind() {
    return definition().runtime();
  }

  /** Returns the process; null until it was launched. */
  @Nullable RunningWorker process() {
    return process;
  }

  /** Returns the number of the process; 0 for none yet. */
  long pid() {
    return process == null ? 0 : process.pid();
  }

  WorkerState state() {
    if (ending != null) {
      return WorkerState.STOPPING;
    }
    if (!loaded) {
      return WorkerState.STARTING;
    }
    return sent.isEmpty() ? WorkerState.IDLE : WorkerState.BUSY;
  }

  boolean isLoaded() {
    return loaded;
  }

  boolean isEnding() {
    return ending != null;
  }

  WorkerWatch watch() {
    return watch;
  }

  // ---- the slot whose chunks it has

  int slot() {
    return slot;
  }

  void slot(int number) {
    slot = number;
  }

  WorkerUse use() {
    return use;
  }

  // ---- chunks

  void give(Chunk chunk, Job of, long nowNanos) {
    if (!of.id().equals(job)) {
      orders.add(new WorkerMessage.Begin(of));
      job = of.id();
    }
    sent.add(new SentChunk(chunk, of));
    orders.add(new WorkerMessage.Run(chunk, of));
    if (sent.size() == 1) {
      watch.begins(nowNanos);
    }
  }

  /** Returns whether the worker, which has the key of the job, may serve the job. */
  boolean mayServe(Job next, long nowNanos) {
    return next.id().equals(job) || use.mayServe(next, nowNanos - watch.idleSinceNanos());
  }

  SentChunks sent() {
    return sent;
  }

  boolean hasAnswered() {
    return use.items() > 0;
  }

  /** Records outcomes of the worker's next items. */
  void answered(WorkerEvent.Answered event, long nowNanos) {
    sent.answered(event);
    use.answered(event.items().count(), event.last());
    watch.reported(nowNanos);
  }

  // ---- recall and stop

  /** Asks the worker to hand back the items that have not started, of this chunk and later ones. */
  void recall(long fromChunk) {
    requests.recallFrom(fromChunk);
  }

  /**
   * Asks the worker to stop all its chunks. It is killed if it is still busy at the given time, or
   * at the time of an earlier request.
   */
  void stop(long killAt) {
    if (killAtNanos == null || killAt - killAtNanos < 0) {
      killAtNanos = killAt;
    }
    requests.stopThrough(sent.lastNumber());
  }

  /** Ends a recall once all recalled chunks are back, so that it does not apply to later chunks. */
  void endRecall(long nowNanos) {
    if (killAtNanos == null && requests.isRecallBeyond(sent.lastNumber())) {
      clearRequests(nowNanos);
    }
  }

  /** Notes that the worker has no chunk left. It may still have to be killed for an ending. */
  void rest(long nowNanos) {
    watch.idle(nowNanos);
    if (ending == null) {
      killAtNanos = null;
    }
    clearRequests(nowNanos);
  }

  /**
   * Clears the requests. If the page is lost, the worker is lost, but not the outcomes that it
   * reported.
   */
  private void clearRequests(long nowNanos) {
    try {
      requests.clear();
    } catch (ControlPage.LostException lost) {
      broken(lost, nowNanos);
    }
  }

  // ---- life

  void launched(RunningWorker started) {
    process = started;
    if (ending == null) {
      requests.launched(started);
    } else {
      started.kill();
    }
  }

  void ready(String itsRuntime) {
    runtime = itsRuntime;
  }

  void loaded(long nowNanos) {
    loaded = true;
    watch.reported(nowNanos);
  }

  /** Asks the worker to end. It is killed if it does not end. Does nothing if it is ending. */
  void askToEnd(Ending why, long nowNanos) {
    if (ending == null) {
      ending = why;
      killAtNanos = nowNanos + END_GRACE.toNanos();
      orders.add(new WorkerMessage.End());
    }
  }

  /**
   * Ends the worker for this reason; does nothing for null.
   *
   * @throws RuntimeException or an error if the worker cannot be killed
   */
  void end(@Nullable Ending due, long nowNanos) {
    if (due == null) {
      return;
    }
    if (due.asksFirst()) {
      askToEnd(due, nowNanos);
    } else if (ending == null && due.showsStacks() && process != null && process.printStacks()) {
      ending = due;
      killAtNanos = nowNanos + STACKS_GRACE.toNanos();
    } else {
      killNow(due);
    }
  }

  private void killNow(Ending why) {
    ending = ending == null ? why : ending;
    if (process != null) {
      process.kill();
    }
    killAtNanos = null;
  }

  /** Kills the worker now or, if that fails, at a later look. */
  void kill(Ending why, long nowNanos) {
    killAtNanos = nowNanos + KILL_AGAIN.toNanos();
    try {
      killNow(why);
    } catch (Throwable notNow) {
      log.error("worker {} could not be killed and will be tried again", id, notNow);
    }
  }

  /**
   * Kills a worker that broke the protocol. This counts as a crash, for which an item may be
   * charged. Does nothing if the worker is ending.
   */
  void broken(BrokenProtocolException fault, long nowNanos) {
    if (ending == null) {
      String detail = String.valueOf(fault.getMessage());
      log.warn("worker {} broke the protocol and is killed: {}", id, detail);
      kill(new Ending.ProtocolBroken(detail), nowNanos);
    }
  }

  /** Takes all work from the worker after a fault of the service, and kills it. */
  void giveUp(long nowNanos) {
    slot = NO_SLOT;
    sent.clear();
    kill(Ending.Plain.FAULT, nowNanos);
  }

  /** Returns when the worker is to be killed, by the monotonic clock; null for never. */
  @Nullable Long killAtNanos() {
    return killAtNanos;
  }

  // ---- its end

  /** Notes that the service killed the process because of a fault of its own. */
  void endedByFault() {
    ending = ending == null ? Ending.Plain.FAULT : ending;
  }

  /** Returns the end of the worker, in words for users. */
  Death death(Gone event) {
    return ending == null
        ? Deaths.byItself(event.exitStatus(), event.lastWords())
        : ending.death(event.lastWords());
  }

  /** Returns the end of the worker, in a word for metrics. */
  String reason(Gone event) {
    return ending == null ? Deaths.reason(!sent.isEmpty(), event.exitStatus()) : ending.word();
  }

  /** Returns the kind of fault to report if the worker ended before the function was loaded. */
  StartFault startFault() {
    return ending == null ? StartFault.PASSING : ending.startFault();
  }

  /** Returns the loss of the worker, for its slot, with the items that are suspected. */
  SlotEvent.WorkerLost loss(int ofSlot, Death death) {
    var suspects = Suspects.of(process, sent, ending);
    return new SlotEvent.WorkerLost(
        ofSlot,
        suspects.chunk(),
        suspects.items(),
        suspects.overtaken(),
        death,
        id,
        pid(),
        watch.seenRss());
  }

  /** Returns the worker as it is now, for people. */
  WorkerView view(long nowNanos) {
    SentChunk running = sent.running();
    long item = item(nowNanos);
    return new WorkerView(
        id,
        pid(),
        kind(),
        runtime,
        state(),
        firstJob.spec().function().name(),
        running == null ? null : running.job().id(),
        running == null || item < 0 ? null : item,
        watch.rssBytes(),
        watch.cpuSeconds(),
        use.chunks(),
        use.items(),
        startedAt,
        running == null ? Duration.ZERO : watch.silence(nowNanos));
  }

  /** Returns the item that the worker names as running; -1 for none. */
  private long item(long nowNanos) {
    try {
      return process == null ? -1 : process.page().item();
    } catch (ControlPage.LostException lost) {
      broken(lost, nowNanos);
      return -1;
    }
  }
}
