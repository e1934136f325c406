package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.WorkerStarter;
import dev.manyhands.engine.worker.pool.PoolListener;
import dev.manyhands.engine.worker.pool.WorkerPool;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobNote;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scheduler's thread. Takes messages from the {@link Inbox}, lets the {@link SchedulerCore}
 * decide, and lets the {@link ActionPerformer} perform the decisions. Owns all run state; does no
 * I/O itself.
 */
final class SchedulerLoop implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(SchedulerLoop.class);

  /** How long a service must run before it trusts suspected jobs again. */
  static final Duration TRUSTED_AFTER = Duration.ofMinutes(10);

  /** How often a message is taken at most: a fault that stays must not hold up all others. */
  private static final int MOST_TRIES = 3;

  private final SchedulerPorts ports;
  private final Inbox inbox;
  private final SchedulerCore core;
  private final WorkerPool pool;

  /** Merges long partials. Users determine how long a merge takes. */
  private final ExecutorService merging =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("reductions").factory());

  private final Reductions reductions = new Reductions(merging, Reductions.SHORT_BYTES);
  private final RunningJobs running = new RunningJobs();
  private final UnstoredBytes unstored;
  private final TryAgain again = new TryAgain();
  private final OutcomeWrites writes;
  private final CancelWrites cancelWrites;
  private final JobEnds ends;
  private final ActionPerformer performer;

  /** The message that is being taken. After a fault it is taken again, before all later ones. */
  private @Nullable Message untaken;

  /** How often {@link #untaken} was begun to be taken. */
  private int tries;

  /** Actions that the core has decided. Those that a fault leaves here are performed next. */
  private final ArrayDeque<Action> decided = new ArrayDeque<>();

  /** Events of the pool that the core has not handled yet. */
  private final ArrayDeque<SlotEvent> fromSlots = new ArrayDeque<>();

  private final List<Message.Stop> stopRequests = new ArrayList<>();

  /**
   * Number of jobs that are suspected of having ended the service. Set before the thread starts; 0
   * once the jobs are trusted again.
   */
  private int suspicions;

  private long startedNanos;
  private boolean stopped;

  /** Read by metrics in other threads. */
  private volatile int busySlots;

  /** Read by views of jobs, in other threads. */
  private volatile @Nullable AloneTurn aloneTurn;

  SchedulerLoop(
      WorkerSettings settings,
      WorkerStarter starter,
      PoolListener poolListener,
      SchedulerPorts ports,
      Inbox inbox) {
    this.ports = ports;
    this.inbox = inbox;
    this.core =
        new SchedulerCore(
            settings.pool().slots(),
            settings.limits().memoryBudgetBytes(),
            spec -> settings.limits().memoryOf(spec, settings.pool().slots()));
    this.pool =
        new WorkerPool(
            settings,
            starter,
            event -> inbox.add(new Message.Seen(event)),
            fromSlots::add,
            poolListener,
            System::nanoTime,
            ports.clock());
    this.unstored = new UnstoredBytes(inbox);
    this.writes = new OutcomeWrites(ports, inbox, running, reductions, unstored);
    this.cancelWrites = new CancelWrites(ports, writes);
    this.ends = new JobEnds(ports, inbox, running, reductions, unstored, again);
    this.performer = new ActionPerformer(ports, running, pool, writes, cancelWrites, ends, again);
  }

  /**
   * Prepares the loop before its thread starts.
   *
   * @param suspectedJobs number of jobs that are suspected of having ended the service
   */
  void prepare(int suspectedJobs) {
    suspicions = suspectedJobs;
    startedNanos = System.nanoTime();
    merging.execute(() -> {}); // creates the thread before it is needed
  }

  /** Returns the number of slots that have a chunk. May be called by any thread. */
  int busySlots() {
    return busySlots;
  }

  /**
   * Returns the suspected job that keeps others from slots; null if none does. Called by any
   * thread.
   */
  @Nullable AloneTurn aloneTurn() {
    return aloneTurn;
  }

  /** Stops the merging of partials, after the loop has ended. */
  void close() {
    merging.shutdownNow();
  }

  @Override
  public void run() {
    try {
      takeUntilStopped();
    } finally {
      inbox.close();
      cancelWrites.close();
    }
  }

  private void takeUntilStopped() {
    while (!stopped) {
      try {
        if (untaken == null || tries == MOST_TRIES) {
          tries = 0;
          untaken = await();
        }
        Message message = untaken;
        performer.perform(decided);
        if (message != null) {
          tries++;
          take(message);
          untaken = null;
        }
        again.runDue();
        endSuspicion();
        pool.tick();
        if (!fromSlots.isEmpty()) {
          // The last outcomes of a job and its end share one commit.
          ports.store().together(this::handleSlotEvents);
        }
        if (message == null) {
          decide(new CoreEvent.Tick());
        }
        busySlots = core.busySlots();
        aloneTurn = suspicions == 0 ? null : core.aloneTurn();
        stopIfAsked();
      } catch (InterruptedException e) {
        log.error("the scheduler was interrupted and ends");
        return;
      } catch (Throwable fault) {
        // A fault in the work for one job must not end all others.
        log.error("scheduler: internal error, the state of a job may be wrong", fault);
      }
    }
  }

  private @Nullable Message await() throws InterruptedException {
    long now = System.nanoTime();
    long wait = Math.min(untilWake(core.wakeNanos(), now), untilWake(pool.wakeNanos(), now));
    wait = again.waitNanos(wait, now);
    if (!fromSlots.isEmpty() || !decided.isEmpty()) {
      wait = Math.min(wait, TryAgain.PAUSE.toNanos()); // a fault has left them
    }
    return inbox.next(wait);
  }

  private static long untilWake(OptionalLong wake, long now) {
    return wake.isEmpty() ? Long.MAX_VALUE : Math.max(0, wake.getAsLong() - now);
  }

  private Now now() {
    return new Now(System.nanoTime(), ports.clock().instant());
  }

  // ---- decisions

  private void handleSlotEvents() {
    for (SlotEvent event; (event = fromSlots.poll()) != null; ) {
      try {
        if (event instanceof SlotEvent.WorkerLost lost) {
          pool.free(lost.slot());
        }
        decided.addAll(core.handle(event, now()));
      } catch (Throwable fault) {
        log.error("a decision failed, its job is given up, slot={}", event.slot(), fault);
        pool.abandon(event.slot());
        decided.addAll(core.giveUp(event.slot(), SchedulerErrors.INTERNAL_ERROR, now()));
      }
      performer.perform(decided);
    }
  }

  /**
   * Lets the core decide, and performs its decisions. An event that the core has handled counts as
   * handled, also if a fault puts off the actions.
   */
  private void decide(CoreEvent event) {
    try {
      decided.addAll(core.handle(event, now()));
    } catch (Throwable fault) {
      JobId job = event.about();
      log.error("a decision failed, its job is given up, job={}", job, fault);
      if (job != null && core.has(job)) {
        decided.addAll(core.giveUp(job, SchedulerErrors.INTERNAL_ERROR, now()));
      } else {
        decided.addAll(core.takeDecided());
        if (event instanceof CoreEvent.Run) {
          again.later(() -> decide(event));
        }
      }
    }
    try {
      performer.perform(decided);
    } catch (Throwable fault) {
      log.error("actions are performed a moment later, actions={}", decided.size(), fault);
    }
  }

  private void endSuspicion() {
    if (suspicions > 0 && System.nanoTime() - startedNanos > TRUSTED_AFTER.toNanos()) {
      suspicions = 0;
      decide(new CoreEvent.EndSuspicion());
      CompletableFuture<?> _ = ports.store().forgetDeaths();
    }
  }

  // ---- messages

  /** Fails the job whose command wrote a line too many. A job that has ended gets a note. */
  private void fail(WorkerEvent.Excess excess) {
    if (running.has(excess.job())) {
      decide(new CoreEvent.Fail(excess.job(), "excessLine", SchedulerErrors.excess(excess)));
    } else {
      var note = new JobNote(JobNote.Kind.LINE_TOO_MANY, excess.detail());
      CompletableFuture<?> _ = ports.store().note(excess.job(), note);
    }
  }

  private void take(Message message) {
    switch (message) {
      case Message.Told(CoreEvent.LeaseLost lost) -> lose(lost);
      case Message.Told(CoreEvent event) -> decide(event);
      case Message.Begun begun -> begin(begun);
      case Message.NotEnded not -> {
        if (not.job() != null) {
          running.goOn(not.job());
        }
        ends.finishSurely(not.finish());
      }
      case Message.Answered answered -> ends.answered(answered);
      case Message.Seen seen -> {
        if (seen.event() instanceof WorkerEvent.Excess excess) {
          fail(excess);
        }
        if (seen.event() instanceof WorkerEvent.SeedsItself seeds) {
          var note = new JobNote(JobNote.Kind.SEEDS_ITSELF, seeds.call());
          CompletableFuture<?> _ = ports.store().note(seeds.job(), note);
        }
        pool.handle(seen.event());
      }
      case Message.Noted noted -> performer.noted(noted);
      case Message.Stored stored -> subtractUnstored(stored.bytes());
      case Message.Reduced reduced -> {
        subtractUnstored(UnstoredBytes.REPORT);
        ends.finishSurely(reduced.finish());
      }
      case Message.CancelItems cancel -> {
        long request = cancelWrites.open(cancel.answer());
        decide(new CoreEvent.CancelItems(cancel.job(), request, cancel.items(), cancel.force()));
      }
      case Message.AskStored ask -> writes.whenStored(ask.answer());
      case Message.AskWorkers ask -> {
        try {
          ask.answer().complete(pool.views());
        } catch (Throwable fault) {
          ask.answer().completeExceptionally(fault);
        }
      }
      case Message.AskUnreported ask ->
          ask.answer().complete(core.unreportedSeconds(ask.job(), now()));
      case Message.Stop stop -> stopRequests.add(stop);
    }
  }

  private void begin(Message.Begun begun) {
    Job job = begun.run().job();
    running.begin(job);
    ports.board().add(job);
    reductions.begin(job, begun.run().version());
    writes.reduce(job.id(), begun.partials());
    decide(begun.run());
  }

  /** Drops a job that another service has now. From now on, users see the status in the store. */
  private void lose(CoreEvent.LeaseLost lost) {
    reductions.forget(lost.job(), lost.version());
    boolean was = core.has(lost.job());
    decide(lost);
    if (was && !core.has(lost.job())) {
      running.end(lost.job());
      pool.release(lost.job());
      ports.board().drop(lost.job());
    }
  }

  private void subtractUnstored(long bytes) {
    if (unstored.subtract(bytes)) {
      decide(new CoreEvent.StoreBehind(false));
    }
  }

  private void stopIfAsked() {
    for (Message.Stop request : stopRequests) {
      if (request.atOnce()) {
        pool.killAll();
      }
      if (request.atOnce() || core.busySlots() == 0) {
        pool.endAll();
      }
      if (pool.isEmpty() && unstored.isZero()) {
        stopped = true;
      }
    }
    if (stopped) {
      stopRequests.forEach(request -> request.done().complete(null));
    }
  }
}
