package dev.manyhands.worker;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.CommandSilence;
import dev.manyhands.job.FunctionRuntime;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobError;
import dev.manyhands.job.Outcomes;
import dev.manyhands.worker.Worker.Ending;
import dev.manyhands.worker.Worker.Sent;
import dev.manyhands.worker.WorkerEvent.Gone;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts workers behind slots: finds a warm one or starts one, sees that it is neither stuck nor worn
 * out, and says what became of each chunk. A worker that has nothing to do keeps its function and
 * waits for the next job with it.
 *
 * <p>All methods are called by one thread, which owns all state; none of them blocks. What workers'
 * own threads see comes in as {@link WorkerEvent}, what the pool has to say goes out as {@link
 * SlotEvent}, never from within a call that gives it something to do.
 */
public final class WorkerPool {
  private static final Logger log = LoggerFactory.getLogger(WorkerPool.class);

  /** How long a worker that was told to end may take to do so by itself. */
  private static final Duration END_GRACE = Duration.ofSeconds(2);

  /** How long to wait until a worker that could not be killed is killed again. */
  private static final Duration KILL_AGAIN = Duration.ofMillis(100);

  /** What a worker may take before and between items, on top of the time of one: decoding, say. */
  private static final Duration BEGIN_GRACE = Duration.ofSeconds(2);

  private final WorkerSettings settings;
  private final WorkerStarter starter;
  private final Consumer<WorkerEvent> fromWorkers;
  private final Consumer<SlotEvent> toSlots;
  private final PoolListener listener;
  private final LongSupplier nanoClock;
  private final Clock clock;

  /** Every worker whose process may still be there. In order of their start. */
  private final Map<Long, Worker> workers = new LinkedHashMap<>();

  /** Who works for a slot; null for nobody. */
  private final @Nullable Worker[] bySlot;

  /** A chunk that waits until the slot's worn-out worker has made room for a new one. */
  private final @Nullable Sent[] held;

  /**
   * Slots whose worker was given up after a fault of the service, and that have not heard of it.
   */
  private final boolean[] abandoned;

  /** Those of them that are about to hear of it. */
  private final boolean[] reported;

  private long nextWorker = 1;

  /**
   * @param fromWorkers hands events to the owner's thread; called by any thread
   * @param toSlots takes what became of chunks; called in the owner's thread
   */
  public WorkerPool(
      WorkerSettings settings,
      WorkerStarter starter,
      Consumer<WorkerEvent> fromWorkers,
      Consumer<SlotEvent> toSlots,
      PoolListener listener,
      LongSupplier nanoClock,
      Clock clock) {
    this.settings = settings;
    this.starter = starter;
    this.fromWorkers = fromWorkers;
    this.toSlots = toSlots;
    this.listener = listener;
    this.nanoClock = nanoClock;
    this.clock = clock;
    this.bySlot = new Worker[settings.slots()];
    this.held = new Sent[settings.slots()];
    this.abandoned = new boolean[settings.slots()];
    this.reported = new boolean[settings.slots()];
  }

  // ---- from above

  /** Gives the slot a chunk, behind the one it has. */
  public void dispatch(int slot, Chunk chunk, Job job) {
    if (abandoned[slot]) {
      return; // the chunk goes back with all else that the slot has
    }
    try {
      give(slot, chunk, job);
    } catch (Throwable fault) {
      failed(bySlot[slot], slot, fault);
    }
  }

  private void give(int slot, Chunk chunk, Job job) {
    Worker worker = bySlot[slot];
    if (worker != null && (worker.ending != null || wornOut(worker) != null)) {
      held[slot] = new Sent(chunk, job);
      return;
    }
    if (worker == null) {
      worker = take(job);
      worker.slot = slot;
      bySlot[slot] = worker;
    }
    send(worker, chunk, job);
  }

  private void send(Worker worker, Chunk chunk, Job job) {
    if (!job.id().equals(worker.job)) {
      worker.orders.add(new Order.Begin(job));
      worker.job = job.id();
    }
    worker.sent.add(new Sent(chunk, job));
    worker.orders.add(new Order.Run(chunk, job));
    if (worker.sent.size() == 1) {
      worker.lastReportNanos = nanoClock.getAsLong();
      worker.seenRssBytes = null;
    }
  }

  /** A warm worker with the job's function, or else a new one. */
  private Worker take(Job job) {
    long memory = settings.limits().memoryOf(job.spec(), settings.slots());
    String traceparent = Worker.traceparent(job);
    Worker oldestIdle = null;
    Worker found = null;
    for (Worker worker : workers.values()) {
      if (worker.slot == -1 && worker.ending == null) {
        oldestIdle =
            oldestIdle == null || worker.idleSinceNanos - oldestIdle.idleSinceNanos < 0
                ? worker
                : oldestIdle;
        if (worker.memoryBytes == memory
            && Objects.equals(worker.traceparent, traceparent)
            && worker.functionDigest.equals(job.spec().function().digest())
            && worker.mayServe(job)) {
          found = worker;
        }
      }
    }
    if (found != null) {
      return found;
    }
    if (oldestIdle != null && workers.size() >= settings.slots() + settings.maxIdle()) {
      end(oldestIdle, Ending.IDLE);
    }
    var worker = new Worker(nextWorker++, job, memory, clock.instant(), nanoClock.getAsLong());
    worker.orders.add(new Order.Load(job));
    workers.put(worker.id, worker);
    try {
      starter.start(worker.launch(), fromWorkers);
    } catch (Throwable notStarted) {
      workers.remove(worker.id);
      throw notStarted;
    }
    return worker;
  }

  /** Asks the slot to hand back what has not started, of this chunk and later ones. */
  public void recall(int slot, long fromChunk) {
    Worker worker = bySlot[slot];
    try {
      returnHeld(slot);
      if (worker != null) {
        worker.recalledFrom = fromChunk;
        if (worker.process != null) {
          worker.process.page().recallFrom(fromChunk);
        }
      }
    } catch (ControlPage.LostException lost) {
      lostPage(worker, lost);
    } catch (Throwable fault) {
      failed(worker, slot, fault);
    }
  }

  /** Stops what the slot does, by force if it does not do so itself soon. */
  public void stop(int slot) {
    Worker worker = bySlot[slot];
    try {
      returnHeld(slot);
      if (worker == null || worker.sent.isEmpty()) {
        return;
      }
      worker.killAtNanos = nanoClock.getAsLong() + settings.stopGrace().toNanos();
      worker.stoppedThrough = worker.sent.getLast().chunk.number();
      if (worker.process != null) {
        worker.process.page().stopThrough(worker.stoppedThrough);
      }
    } catch (ControlPage.LostException lost) {
      lostPage(worker, lost);
    } catch (Throwable fault) {
      failed(worker, slot, fault);
    }
  }

  private void returnHeld(int slot) {
    Sent waiting = held[slot];
    if (waiting != null) {
      toSlots.accept(new SlotEvent.Returned(slot, waiting.chunk.number(), waiting.next));
      held[slot] = null;
    }
  }

  // ---- from below

  /** Takes in what a worker's threads saw. */
  public void handle(WorkerEvent event) {
    Worker worker = workers.get(event.worker());
    if (worker == null) {
      if (event instanceof WorkerEvent.Launched late) {
        // The pool gave the worker up when it was about to be started. Its directory is removed at
        // the next start of the service.
        killLate(late.process());
      }
      return;
    }
    int slot = worker.slot;
    try {
      take(worker, event);
    } catch (ControlPage.LostException lost) {
      lostPage(worker, lost);
    } catch (Throwable fault) {
      try {
        failed(worker, slot, fault);
      } finally {
        if (event instanceof Gone || event instanceof WorkerEvent.NotLaunched) {
          workers.remove(worker.id);
          discard(worker);
        }
      }
    }
  }

  private static void killLate(RunningWorker process) {
    try {
      process.kill();
    } catch (Throwable left) {
      log.error("a worker that was given up is still there and ended at the next start", left);
    }
  }

  private void take(Worker worker, WorkerEvent event) {
    switch (event) {
      case WorkerEvent.Launched launched -> launched(worker, launched.process());
      case WorkerEvent.NotLaunched failed -> {
        notLoaded(worker, failed.error(), failed.fault());
        forget(worker, Deaths.NOT_STARTED);
      }
      case WorkerEvent.Ready ready -> worker.runtime = ready.runtime();
      case WorkerEvent.Loaded loaded -> {
        worker.loaded = true;
        worker.lastReportNanos = nanoClock.getAsLong();
      }
      case WorkerEvent.NotLoaded failed -> {
        notLoaded(worker, failed.error(), StartFault.FUNCTION);
        end(worker, Ending.NOT_LOADED);
      }
      case WorkerEvent.Answered answered -> answered(worker, answered);
      case WorkerEvent.HandedBack back -> handedBack(worker, back);
      case WorkerEvent.Excess excess -> {
        log.warn("worker {} is ended, job={}: {}", worker.id, excess.job(), excess.detail());
        killSurely(worker, Ending.EXCESS);
      }
      case WorkerEvent.Broken broken -> broken(worker, broken.detail());
      case WorkerEvent.Gone gone -> gone(worker, gone);
      case WorkerEvent.ScratchFull full -> {
        worker.scratchDetail = full.why();
        kill(worker, Ending.SCRATCH);
      }
      case WorkerEvent.Usage usage -> {
        worker.rssBytes = usage.rssBytes();
        worker.cpuSeconds = usage.cpuSeconds();
        Long seen = worker.seenRssBytes;
        worker.seenRssBytes = seen == null ? worker.rssBytes : Math.max(seen, worker.rssBytes);
        if (worker.memoryBytes > 0 && worker.rssBytes > worker.memoryBytes) {
          kill(worker, Ending.OOM);
        } else {
          watchProcessor(worker);
        }
      }
    }
  }

  private void launched(Worker worker, RunningWorker process) {
    worker.process = process;
    if (worker.ending != null) {
      process.kill();
      return;
    }
    // What was asked of it before it had a page.
    if (worker.stoppedThrough != 0) {
      process.page().stopThrough(worker.stoppedThrough);
    }
    if (worker.recalledFrom != 0) {
      process.page().recallFrom(worker.recalledFrom);
    }
  }

  // ---- faults

  /**
   * The service failed at something that it did for this worker: the worker is ended, and the slot
   * gets back all that the slot had. Nothing that one worker causes may cost others, or end the
   * thread. The cause may be that there is no memory, so nothing is allocated here that must be.
   *
   * @param worker null when the slot had none
   * @param slot of the worker before the failure; -1 for none
   */
  private void failed(@Nullable Worker worker, int slot, Throwable fault) {
    if (slot != -1) {
      abandoned[slot] = true;
      abandon(slot);
    }
    if (worker != null) {
      endFaulty(worker);
    }
    log.error("the service failed at something that it did for a worker, slot={}", slot, fault);
  }

  /** Takes all that the slot has from it, and ends its worker, without a word to the slot. */
  public void abandon(int slot) {
    held[slot] = null;
    Worker worker = bySlot[slot];
    bySlot[slot] = null;
    if (worker != null) {
      endFaulty(worker);
    }
  }

  private void endFaulty(Worker worker) {
    worker.slot = -1;
    worker.sent.clear();
    killSurely(worker, Ending.FAULT);
  }

  /** Kills it now or, if that fails, at a later tick. */
  private void killSurely(Worker worker, Ending why) {
    worker.ending = worker.ending == null ? why : worker.ending;
    worker.killAtNanos = nanoClock.getAsLong() + KILL_AGAIN.toNanos();
    try {
      kill(worker, why);
    } catch (Throwable notNow) {
      log.error("worker {} could not be killed and will be tried again", worker.id, notNow);
    }
  }

  /** Reports slots whose worker was given up. */
  private void reportAbandoned() {
    for (int slot = 0; slot < abandoned.length; slot++) {
      if (abandoned[slot] && !reported[slot]) {
        try {
          toSlots.accept(new SlotEvent.WorkerLost(slot, null, List.of(), Deaths.FAULT, 0, 0, null));
          reported[slot] = true;
        } catch (Throwable notNow) {
          log.error("a slot could not be told of its loss and will be, slot={}", slot, notNow);
        }
      }
    }
  }

  /**
   * The slot hears of a {@link SlotEvent.WorkerLost} now, and may get chunks again. What was
   * dispatched since the worker was given up goes back with that event: were it run as well, a
   * later chunk could follow it to a worker that has another function.
   */
  public void free(int slot) {
    if (reported[slot]) {
      reported[slot] = false;
      abandoned[slot] = false;
    }
  }

  private void notLoaded(Worker worker, JobError error, StartFault fault) {
    int slot = worker.slot;
    if (slot == -1) {
      return;
    }
    Sent first = worker.sent.peek();
    unbind(worker);
    worker.sent.clear(); // what it may still answer is for nobody
    held[slot] = null;
    if (first != null) {
      toSlots.accept(new SlotEvent.NotLoaded(slot, first.job.id(), error, fault));
    }
  }

  private void answered(Worker worker, WorkerEvent.Answered event) {
    Sent sent = worker.sent.peek();
    var items = event.items();
    if (sent == null || sent.chunk.number() != event.chunk() || !sent.expects(items)) {
      broken(worker, "it answered items " + items + ", which it does not have");
      return;
    }
    if (event.last() != (items.end() == sent.end)) {
      broken(worker, "its answer up to item " + items.end() + " is the last of its chunk or not");
      return;
    }
    sent.next = items.end();
    worker.itemsDone += items.count();
    worker.lastReportNanos = nanoClock.getAsLong();
    int slot = worker.slot;
    if (event.last()) {
      worker.chunksDone++;
      worker.sent.remove();
      rest(worker);
    }
    toSlots.accept(
        new SlotEvent.Reported(
            slot, event.chunk(), withSeenRss(worker, event), event.last(), worker.id, pid(worker)));
  }

  /** What the worker says of its memory does not count what it has started; what we saw does. */
  private static List<Outcomes> withSeenRss(Worker worker, WorkerEvent.Answered event) {
    Long seen = worker.seenRssBytes;
    worker.seenRssBytes = null;
    return seen == null
        ? event.parts()
        : event.parts().stream().map(part -> part.withCost(part.cost().withSeenRss(seen))).toList();
  }

  private void handedBack(Worker worker, WorkerEvent.HandedBack event) {
    Sent sent = worker.sent(event.chunk());
    if (sent == null || event.first() < sent.next || event.first() >= sent.end) {
      broken(worker, "it handed back items from " + event.first() + ", which it does not have");
      return;
    }
    int slot = worker.slot;
    sent.end = event.first();
    if (sent.next == sent.end) {
      worker.sent.remove(sent);
      rest(worker);
    }
    toSlots.accept(new SlotEvent.Returned(slot, event.chunk(), event.first()));
  }

  /** If it has nothing left to do, it is free for any slot, or done for. */
  private void rest(Worker worker) {
    if (!worker.sent.isEmpty()) {
      if (worker.killAtNanos == null
          && worker.sent.getLast().chunk.number() < worker.recalledFrom) {
        // What was asked for is back: later chunks with higher numbers are not meant.
        clearPage(worker);
      }
      return;
    }
    int slot = worker.slot;
    unbind(worker);
    worker.idleSinceNanos = nanoClock.getAsLong();
    if (worker.ending == null) {
      worker.killAtNanos = null; // it did what it was asked; else its kill is still due
    }
    clearPage(worker);
    Ending due = wornOut(worker);
    if (due != null) {
      end(worker, due);
    }
    Sent next = held[slot];
    if (next != null) {
      held[slot] = null;
      dispatch(slot, next.chunk, next.job);
    }
  }

  /** Takes back what was asked. A page that is lost costs the worker, and not what it answered. */
  private void clearPage(Worker worker) {
    worker.recalledFrom = 0;
    try {
      if (worker.process != null) {
        worker.process.page().clear();
      }
    } catch (ControlPage.LostException lost) {
      lostPage(worker, lost);
    }
  }

  /** Why it should get no more than it has; null if it is good for more. */
  private @Nullable Ending wornOut(Worker worker) {
    if (settings.maxItems() > 0 && worker.itemsDone + worker.itemsSent() >= settings.maxItems()) {
      return Ending.ITEMS;
    }
    return settings.maxRssBytes() > 0 && worker.rssBytes > settings.maxRssBytes()
        ? Ending.RSS
        : null;
  }

  /** The worker has cut its control page short: its own doing, and charged as such. */
  private void lostPage(@Nullable Worker worker, ControlPage.LostException lost) {
    if (worker != null) {
      broken(worker, String.valueOf(lost.getMessage()));
    }
  }

  private void broken(Worker worker, String detail) {
    if (worker.ending == null) {
      log.warn("worker {} broke the protocol and is killed: {}", worker.id, detail);
      worker.brokenDetail = detail;
      killSurely(worker, Ending.BROKEN);
    }
  }

  private void gone(Worker worker, Gone event) {
    if (event.fault() != null && worker.ending == null) {
      worker.ending = Ending.FAULT;
    }
    int slot = worker.slot;
    Sent running = worker.sent.peek();
    if (slot != -1 && running != null) {
      var death = Deaths.explain(worker, event);
      log.info(
          "worker {} ended while it had chunk {} of job {}: {}",
          worker.id,
          running.chunk.number(),
          running.job.id(),
          death.message());
      if (worker.loaded) {
        lost(worker, slot, death);
      } else {
        String message = "a worker ended before the function was loaded: " + death.message();
        var error = new JobError("FUNCTION_NOT_LOADED", message, death.lastWords());
        notLoaded(worker, error, Deaths.startFault(worker.ending));
      }
    }
    forget(worker, Deaths.reason(worker, event));
  }

  private void lost(Worker worker, int slot, SlotEvent.Death death) {
    Long chunk = null;
    List<Long> items = List.of();
    try {
      if (worker.process != null && worker.process.page().chunk() != 0) {
        chunk = worker.process.page().chunk();
        items =
            worker.overdueItem == null
                ? ItemWatch.running(
                    worker.process.page(), worker.sent.element().job.spec().threads())
                : List.of(worker.overdueItem);
      }
    } catch (ControlPage.LostException cutShort) {
      // Nobody knows which item it was.
      chunk = null;
    }
    unbind(worker);
    held[slot] = null;
    toSlots.accept(
        new SlotEvent.WorkerLost(
            slot, chunk, items, death, worker.id, pid(worker), worker.seenRssBytes));
  }

  private void forget(Worker worker, String reason) {
    if (worker.slot != -1) {
      unbind(worker);
    }
    workers.remove(worker.id);
    discard(worker);
    try {
      listener.ended(runtime(worker), reason);
    } catch (Throwable fault) {
      log.error("a listener of the pool failed", fault);
    }
  }

  private void discard(Worker worker) {
    if (worker.process == null) {
      return;
    }
    try {
      starter.discard(worker.process);
    } catch (Throwable left) {
      log.error("what worker {} left is removed at the next start", worker.id, left);
    }
  }

  private void unbind(Worker worker) {
    bySlot[worker.slot] = null;
    worker.slot = -1;
  }

  private static long pid(Worker worker) {
    return worker.process == null ? 0 : worker.process.pid();
  }

  private static FunctionRuntime runtime(Worker worker) {
    return worker.firstJob.spec().function().definition().runtime();
  }

  // ---- endings

  /** Asks it to end, and kills it if it does not. */
  private void end(Worker worker, Ending why) {
    if (worker.ending == null) {
      worker.ending = why;
      worker.killAtNanos = nanoClock.getAsLong() + END_GRACE.toNanos();
      worker.orders.add(new Order.End());
    }
  }

  private void kill(Worker worker, Ending why) {
    worker.ending = worker.ending == null ? why : worker.ending;
    if (worker.process != null) {
      worker.process.kill();
    }
    worker.killAtNanos = null;
  }

  /** Ends all workers; {@link #isEmpty} tells when they are gone. */
  public void endAll() {
    for (Worker worker : List.copyOf(workers.values())) {
      if (worker.sent.isEmpty()) {
        end(worker, Ending.SHUTDOWN);
      } else {
        killSurely(worker, Ending.SHUTDOWN);
      }
    }
  }

  /** Kills all workers now. */
  public void killAll() {
    workers.values().forEach(worker -> killSurely(worker, Ending.SHUTDOWN));
  }

  public boolean isEmpty() {
    return workers.isEmpty();
  }

  // ---- time passes

  /** Looks for workers that are stuck, late or idle for too long. */
  public void tick() {
    reportAbandoned();
    long now = nanoClock.getAsLong();
    for (Worker worker : List.copyOf(workers.values())) {
      try {
        look(worker, now);
      } catch (ControlPage.LostException lost) {
        lostPage(worker, lost);
      } catch (Throwable fault) {
        failed(worker, worker.slot, fault);
      }
    }
  }

  private void look(Worker worker, long now) {
    Long killAt = worker.killAtNanos;
    if (killAt != null && now - killAt >= 0) {
      killSurely(worker, Ending.STOPPED);
    } else if (worker.ending == null && worker.sent.isEmpty()) {
      if (now - worker.idleSinceNanos > settings.idleTimeout().toNanos()) {
        end(worker, Ending.IDLE);
      }
    } else if (worker.ending == null && !worker.loaded) {
      if (now - worker.launchedNanos > settings.startTimeout().toNanos()) {
        kill(worker, Ending.NOT_LOADED);
      }
    } else if (worker.ending == null) {
      watchSilence(worker, now);
      watchItem(worker, now);
    }
  }

  /**
   * A command that does not flush its output looks like one that takes long, and hangs for ever.
   */
  private void watchSilence(Worker worker, long now) {
    if (!mayBeSilent(worker) || worker.process == null) {
      return;
    }
    if (worker.process.waitsForInputs()) {
      worker.lastReportNanos = now;
    } else if (now - worker.lastReportNanos >= CommandSilence.AFTER.toNanos()) {
      worker.saidSilent = true;
      Job job = worker.sent.element().job;
      log.info("worker {} has answered nothing yet, job={}", worker.id, job.id());
      worker.process.note(job.id(), "manyhands: " + CommandSilence.TEXT);
    }
  }

  private static boolean mayBeSilent(Worker worker) {
    return !worker.saidSilent
        && worker.itemsDone == 0
        && worker.firstJob.spec().function().definition().speaksLines();
  }

  /** Once a second, when it is known what the worker has used. */
  private void watchProcessor(Worker worker) {
    Sent running = worker.sent.peek();
    if (running == null || worker.process == null || !worker.loaded || worker.ending != null) {
      return;
    }
    Duration limit = settings.limits().cpuTimeOf(running.job.spec());
    if (limit == null) {
      return;
    }
    var page = worker.process.page();
    var at =
        new ProcessorWatch.Progress(
            running.chunk.number(),
            running.next,
            page.chunk(),
            ItemWatch.running(page, running.job.spec().threads()));
    if (worker.processorWatch.isOver(at, worker.cpuSeconds, limit)) {
      worker.cpuTime = limit;
      kill(worker, Ending.CPU);
    }
  }

  private void watchItem(Worker worker, long now) {
    Sent running = worker.sent.element();
    Duration limit = running.job.spec().timeouts().item();
    if (limit == null || worker.process == null) {
      return;
    }
    if (worker.process.waitsForInputs() && worker.sent.size() == 1) {
      worker.lastReportNanos = now; // the time of its items has not begun
      return;
    }
    var page = worker.process.page();
    int threads = running.job.spec().threads();
    OptionalLong overdue = worker.watch.overdue(page, threads, now, limit.toNanos());
    if (overdue.isPresent()) {
      worker.overdueItem = overdue.getAsLong();
      kill(worker, Ending.TIMEOUT);
    } else if (ItemWatch.running(page, threads).isEmpty()) {
      watchPause(worker, running, now, limit);
    }
  }

  /** It runs no item, as far as it says. */
  private void watchPause(Worker worker, Sent running, long now, Duration limit) {
    long sinceReport = now - worker.lastReportNanos;
    boolean late;
    if (worker.watch.namesItems()) {
      // It has what it needs, and could have begun one: it is stopped, or hangs.
      long pause = Math.min(sinceReport, worker.watch.pauseNanos(now));
      late = pause - BEGIN_GRACE.toNanos() > limit.toNanos();
    } else {
      // It never said what it ran: then all of the chunk has the time of all its items.
      long items = running.chunk.items().count();
      late = sinceReport > Math.min(limit.toNanos(), Long.MAX_VALUE / 2 / items) * items;
    }
    if (late) {
      kill(worker, Ending.TIMEOUT);
    }
  }

  /** When {@link #tick} is due, by the monotonic clock. */
  public OptionalLong wakeNanos() {
    long now = nanoClock.getAsLong();
    long wake = Long.MAX_VALUE;
    for (int slot = 0; slot < abandoned.length; slot++) {
      wake = abandoned[slot] && !reported[slot] ? 0 : wake;
    }
    for (Worker worker : workers.values()) {
      Duration limit = null;
      if (worker.killAtNanos != null) {
        wake = Math.min(wake, worker.killAtNanos - now);
      } else if (worker.sent.isEmpty()) {
        limit = settings.idleTimeout();
        wake = Math.min(wake, worker.idleSinceNanos + limit.toNanos() - now);
      } else if (!worker.loaded) {
        wake = Math.min(wake, worker.launchedNanos + settings.startTimeout().toNanos() - now);
      } else {
        limit = worker.sent.element().job.spec().timeouts().item();
        if (mayBeSilent(worker)) {
          wake = Math.min(wake, worker.lastReportNanos + CommandSilence.AFTER.toNanos() - now);
        }
        if (limit != null) {
          wake = Math.min(wake, Math.clamp(limit.toNanos() / 10, 2_000_000L, 100_000_000L));
        }
      }
    }
    return wake == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(now + wake);
  }

  /** All workers as they are now. */
  public List<WorkerView> views() {
    var views = new ArrayList<WorkerView>(workers.size());
    long now = nanoClock.getAsLong();
    for (Worker worker : workers.values()) {
      Sent running = worker.sent.peek();
      long item = item(worker);
      views.add(
          new WorkerView(
              worker.id,
              pid(worker),
              runtime(worker),
              worker.runtime,
              worker.state(),
              worker.firstJob.spec().function().name(),
              running == null ? null : running.job.id(),
              running == null || item < 0 ? null : item,
              worker.rssBytes,
              worker.cpuSeconds,
              worker.chunksDone,
              worker.itemsDone,
              worker.startedAt,
              running == null ? Duration.ZERO : Duration.ofNanos(now - worker.lastReportNanos)));
    }
    return views;
  }

  /** The item that the worker names as running; -1 for none. */
  private long item(Worker worker) {
    try {
      return worker.process == null ? -1 : worker.process.page().item();
    } catch (ControlPage.LostException lost) {
      lostPage(worker, lost);
      return -1;
    }
  }

  static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }
}
