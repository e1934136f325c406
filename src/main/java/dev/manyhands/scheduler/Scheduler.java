package dev.manyhands.scheduler;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.Inputs;
import dev.manyhands.job.ItemError;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobError;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.JobState;
import dev.manyhands.job.JobStatus;
import dev.manyhands.job.Outcomes;
import dev.manyhands.job.Tally;
import dev.manyhands.memo.Findings;
import dev.manyhands.memo.Memo;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.OutcomeReport;
import dev.manyhands.store.OwnershipLostException;
import dev.manyhands.worker.PoolListener;
import dev.manyhands.worker.SlotEvent;
import dev.manyhands.worker.WorkerEvent;
import dev.manyhands.worker.WorkerPool;
import dev.manyhands.worker.WorkerSettings;
import dev.manyhands.worker.WorkerStarter;
import dev.manyhands.worker.WorkerView;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that drives {@link SchedulerCore} with real workers and a real store: the single
 * writer of all run state. Everything it is told comes through one queue; it does no I/O itself.
 * The public methods may be called by any thread and return at once.
 */
public final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  /** Outcomes that are not on disk yet, in bytes, beyond which no new work is handed out. */
  private static final long MOST_UNSTORED_BYTES =
      Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);

  /** What a report takes besides what it carries. */
  private static final long REPORT_BYTES = 1_000;

  /** What an item takes on its way into the memo, besides its value. */
  private static final long MEMO_ITEM_BYTES = 150;

  /** Why a job ends whose inputs will never be whole. */
  public static final JobError UPLOAD_CUT =
      new JobError(
          "UPLOAD_CUT",
          "the request that carried the inputs broke off; finished items keep their results, submit"
              + " the job again",
          null);

  private static final JobError INTERNAL_ERROR =
      new JobError(
          "INTERNAL_ERROR",
          "the service failed in a decision about this job, which was ended lest its results be"
              + " wrong; the log of the service says why. Finished items keep their results: submit"
              + " the job again, or retry what is unfinished",
          null);

  private static final Duration NOTE_PATIENCE = Duration.ofSeconds(2);
  private static final Duration ABANDON_PATIENCE = Duration.ofSeconds(20);

  /** How long a service runs until it trusts the jobs again with which services have died. */
  private static final Duration TRUSTED_AFTER = Duration.ofMinutes(10);

  /** How long to wait before something that the service failed at is tried again. */
  private static final Duration TRY_AGAIN = Duration.ofMillis(100);

  private static final JobError NOT_STORED =
      new JobError(
          "NOT_STORED",
          "the store refused some of the outcomes, which are missing; the log of the service says"
              + " why",
          null);

  private final BlockingQueue<Message> queue = new LinkedBlockingQueue<>();
  private final JobStore store;
  private final JobBoard board;
  private final SchedulerListener listener;
  private final Memo memo;
  private final Clock clock;
  private final SchedulerCore core;
  private final WorkerPool pool;
  private final int slots;
  private final Thread thread;

  /** Merges long partials: how long that takes is up to users. */
  private final ExecutorService merging =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("reductions").factory());

  /** Owned by the scheduler thread. */
  private final Reductions reductions = new Reductions(merging, Reductions.SHORT_BYTES);

  /** Jobs that run here. Owned by the scheduler thread. */
  private final Map<JobId, Job> running = new HashMap<>();

  /** Those of them with outcomes that did not reach the store. Owned by the scheduler thread. */
  private final Set<JobId> notStored = new HashSet<>();

  /** What the pool said while the core was deciding. Owned by the scheduler thread. */
  private final ArrayDeque<SlotEvent> fromSlots = new ArrayDeque<>();

  /** What the service failed at and must do all the same. Owned by the scheduler thread. */
  private final ArrayDeque<Runnable> again = new ArrayDeque<>();

  /** When {@code again} is due, by the monotonic clock. Owned by the scheduler thread. */
  private long againNanos;

  /** Owned by the scheduler thread. */
  private long unstoredBytes;

  /** Completes when all outcomes before it are on disk. Owned by the scheduler thread. */
  private CompletableFuture<?> lastRecord = CompletableFuture.completedFuture(null);

  /** Jobs that are suspected of having ended the service. Owned by the scheduler thread. */
  private int suspicions;

  private long startedNanos;

  /** Read by metrics in other threads. */
  private volatile int busySlots;

  private boolean stopped;

  /** Nothing takes messages from the queue any more. Written by the scheduler thread. */
  private volatile boolean ended;

  /** What the memo says. May be called by any thread. */
  private final Findings findings =
      new Findings() {
        @Override
        public void known(JobId job, long version, OutcomeReport report) {
          tell(new Command.Known(job, version, report));
        }

        @Override
        public void release(JobId job, long version, ItemRange items) {
          tell(new Command.Release(job, version, items));
        }

        @Override
        public CompletableFuture<Void> stored() {
          var answer = new CompletableFuture<Void>();
          queue.add(new Message.AskStored(answer));
          return answer;
        }
      };

  /** What can be in the queue. */
  private sealed interface Message {
    record Told(Command command) implements Message {}

    /** A job is to run, of which some results may have been reduced before. */
    record Begun(Command.Run run, List<byte[]> partials) implements Message {}

    /** The end of a job, with what its results come to. */
    record Reduced(Action.Finish finish) implements Message {}

    /** The store refused the end of a job, which ends in this way instead. */
    record NotEnded(@Nullable Job job, Action.Finish finish) implements Message {}

    record Seen(WorkerEvent event) implements Message {}

    /** It is durable that the chunk runs alone, or it was refused. */
    record Noted(Action.Dispatch dispatch, boolean durable) implements Message {}

    record Stored(long bytes) implements Message {}

    record AskStored(CompletableFuture<Void> answer) implements Message {}

    record AskWorkers(CompletableFuture<List<WorkerView>> answer) implements Message {}

    record AskUnreported(JobId job, CompletableFuture<Double> answer) implements Message {}

    record Stop(CompletableFuture<Void> done, boolean atOnce) implements Message {}
  }

  /** Does nothing before {@link #start}. */
  public Scheduler(
      WorkerSettings settings,
      WorkerStarter starter,
      JobStore store,
      Memo memo,
      JobBoard board,
      SchedulerListener listener,
      PoolListener poolListener,
      Clock clock) {
    this.store = store;
    this.memo = memo;
    this.board = board;
    this.listener = listener;
    this.clock = clock;
    this.slots = settings.slots();
    this.core =
        new SchedulerCore(
            slots,
            settings.limits().memoryBudgetBytes(),
            spec -> settings.limits().memoryOf(spec, slots));
    this.pool =
        new WorkerPool(
            settings,
            starter,
            event -> queue.add(new Message.Seen(event)),
            fromSlots::add,
            poolListener,
            System::nanoTime,
            clock);
    this.thread = Thread.ofPlatform().name("scheduler").unstarted(this::loop);
  }

  /**
   * Takes over what an earlier service left unfinished, and begins. Blocks while it reads the
   * store.
   *
   * @return all that is unfinished; those in state {@code WAITING} are not run yet
   */
  public List<JobStore.Grant> start() {
    List<JobStore.Grant> grants = store.grantUnfinished();
    for (var grant : grants) {
      var remaining = complement(grant.done(), grant.tally().total());
      board.add(grant.job());
      if (grant.job().status().state() == JobState.WAITING) {
        continue;
      }
      var run =
          new Command.Run(grant.job(), grant.version(), remaining, grant.tally(), grant.deaths());
      queue.add(new Message.Begun(run, grant.partials()));
      if (grant.deaths().areSuspicious()) {
        suspicions++;
        log.warn(
            "the service died {} times while job {} was running: its items run alone until the"
                + " guilty one is found, or the service has run for {} minutes",
            grant.deaths().count(),
            grant.job().id(),
            TRUSTED_AFTER.toMinutes());
      }
      if (grant.job().status().inputsOpen()
          && grant.job().spec().inputs() instanceof Inputs.Open open
          && open.upload()) {
        fail(grant.job().id(), "uploadCut", UPLOAD_CUT);
      }
    }
    if (!grants.isEmpty()) {
      log.info("resuming {} unfinished jobs", grants.size());
    }
    startedNanos = System.nanoTime();
    merging.execute(() -> {}); // the thread is there before the first that needs it
    thread.start();
    return grants;
  }

  /** Runs a job that was just stored. */
  public void run(Job job) {
    run(job, JobStore.FIRST_VERSION);
  }

  /** Runs a job of which nothing has run yet, under this version. */
  public void run(Job job, long version) {
    long total = job.status().tally().total();
    var all = total == 0 ? List.<ItemRange>of() : List.of(new ItemRange(0, total));
    var run = new Command.Run(job, version, all, Tally.ofTotal(total));
    queue.add(new Message.Begun(run, List.of()));
  }

  /** More items of a job are stored. */
  public void append(JobId id, ItemRange items) {
    board.appended(id, items.end());
    tell(new Command.Append(id, items));
  }

  /** A job has all its items, so many. */
  public void closeInputs(JobId id, long total) {
    board.inputsClosed(id, total);
    tell(new Command.CloseInputs(id, total));
  }

  /** Ends a job as failed, if it has not ended. */
  public void fail(JobId id, String stopReason, JobError error) {
    tell(new Command.Fail(id, stopReason, error));
  }

  /** Changes what may be changed of a job; what has not started goes by it. */
  public void change(JobId id, JobSpec spec) {
    tell(new Command.Change(id, spec));
  }

  /** Ends a job, if it has not ended. */
  public void cancel(JobId id) {
    tell(new Command.Cancel(id));
  }

  /** The workers as they are now; none when the scheduler has ended. */
  public CompletableFuture<List<WorkerView>> workers() {
    var answer = new CompletableFuture<List<WorkerView>>();
    queue.add(new Message.AskWorkers(answer));
    if (ended) {
      answerThatNoneAreLeft();
    }
    return answer;
  }

  /** Slot seconds for which workers have had chunks of a job since they last reported. */
  public CompletableFuture<Double> unreportedSeconds(JobId job) {
    var answer = new CompletableFuture<Double>();
    queue.add(new Message.AskUnreported(job, answer));
    if (ended) {
      answerThatNoneAreLeft();
    }
    return answer;
  }

  /** A service that stands down is still asked. */
  private void answerThatNoneAreLeft() {
    for (Message message; (message = queue.poll()) != null; ) {
      if (message instanceof Message.AskWorkers ask) {
        ask.answer().complete(List.of());
      } else if (message instanceof Message.AskUnreported ask) {
        ask.answer().complete(0.0);
      }
    }
  }

  /** Passes on what is known of workers from elsewhere. */
  public void observed(WorkerEvent event) {
    queue.add(new Message.Seen(event));
  }

  public int slots() {
    return slots;
  }

  public int busySlots() {
    return busySlots;
  }

  /** Whether it is still at work. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  /**
   * Takes back what has not started, lets what has started finish, for so long at most, and ends
   * all workers. Jobs that have not ended are in the store and go on at the next start.
   */
  public void stop(Duration patience) {
    if (!thread.isAlive()) {
      return;
    }
    tell(new Command.Drain());
    if (!stopWithin(patience, false)) {
      log.info(
          "chunks still run after {} s and will run again at the next start", patience.toSeconds());
      stopWithin(Duration.ofSeconds(2), true);
    }
    noteEnd();
  }

  /** A service that is stopped has not died; if that cannot be noted, it counts as a death. */
  private void noteEnd() {
    try {
      store.endsByItself().get(NOTE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException away) {
      log.warn("that the service ends by itself could not be stored: {}", away.toString());
    }
  }

  /**
   * Ends all workers at once, whatever they do: another service has the jobs now. The store refuses
   * all that is recorded or ended here from now on.
   */
  public void abandon() {
    if (!thread.isAlive()) {
      return;
    }
    tell(new Command.Drain());
    if (!stopWithin(ABANDON_PATIENCE, true)) {
      log.error("workers still run after {} s", ABANDON_PATIENCE.toSeconds());
    }
  }

  private boolean stopWithin(Duration patience, boolean atOnce) {
    var done = new CompletableFuture<Void>();
    queue.add(new Message.Stop(done, atOnce));
    try {
      done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stop(Duration.ZERO);
    merging.shutdownNow();
  }

  private void tell(Command command) {
    queue.add(new Message.Told(command));
  }

  // ---- the loop; all below runs in the scheduler thread

  private final List<Message.Stop> stopRequests = new ArrayList<>();

  private void loop() {
    try {
      takeUntilStopped();
    } finally {
      ended = true;
      answerThatNoneAreLeft();
    }
  }

  private void takeUntilStopped() {
    while (!stopped) {
      try {
        Message message = await();
        if (message != null) {
          take(message);
        }
        tryAgain();
        endSuspicion();
        pool.tick();
        if (!fromSlots.isEmpty()) {
          // The last outcomes of a job and its end are one commit, not two.
          store.together(this::handleSlotEvents);
        }
        if (message == null) {
          decide(new Command.Tick());
        }
        busySlots = core.busySlots();
        stopIfAsked();
      } catch (InterruptedException e) {
        log.error("the scheduler was interrupted and ends");
        return;
      } catch (Throwable fault) {
        // One job's history must not end all others; what it was about is in the trace.
        log.error("the scheduler met a state it does not know", fault);
      }
    }
  }

  private void handleSlotEvents() {
    for (SlotEvent event; (event = fromSlots.poll()) != null; ) {
      try {
        if (event instanceof SlotEvent.WorkerLost lost) {
          pool.free(lost.slot());
        }
        perform(core.handle(event, now()));
      } catch (Throwable fault) {
        log.error("a decision failed, its job is given up, slot={}", event.slot(), fault);
        pool.abandon(event.slot());
        perform(core.giveUp(event.slot(), INTERNAL_ERROR, now()));
      }
    }
  }

  private void decide(Command command) {
    try {
      perform(core.handle(command, now()));
    } catch (Throwable fault) {
      JobId job = job(command);
      log.error("a decision failed, its job is given up, job={}", job, fault);
      if (job != null && core.has(job)) {
        perform(core.giveUp(job, INTERNAL_ERROR, now()));
        return;
      }
      perform(core.takeDecided());
      if (command instanceof Command.Run) {
        later(() -> decide(command));
      }
    }
  }

  private static @Nullable JobId job(Command command) {
    return switch (command) {
      case Command.Run run -> run.job().id();
      case Command.Known known -> known.job();
      case Command.Release release -> release.job();
      case Command.Change change -> change.job();
      case Command.Append append -> append.job();
      case Command.CloseInputs close -> close.job();
      case Command.Fail fail -> fail.job();
      case Command.Cancel cancel -> cancel.job();
      case Command.LeaseLost lost -> lost.job();
      case Command.EndSuspicion end -> null;
      case Command.Drain drain -> null;
      case Command.StoreBehind behind -> null;
      case Command.Tick tick -> null;
    };
  }

  private void endSuspicion() {
    if (suspicions > 0 && System.nanoTime() - startedNanos > TRUSTED_AFTER.toNanos()) {
      suspicions = 0;
      decide(new Command.EndSuspicion());
      CompletableFuture<?> _ = store.forgetDeaths();
    }
  }

  private void later(Runnable what) {
    again.add(what);
    againNanos = System.nanoTime() + TRY_AGAIN.toNanos();
  }

  private void tryAgain() {
    if (!again.isEmpty() && System.nanoTime() - againNanos >= 0) {
      var due = List.copyOf(again);
      again.clear();
      due.forEach(Runnable::run);
    }
  }

  private @Nullable Message await() throws InterruptedException {
    long now = System.nanoTime();
    long wait = Math.min(untilWake(core.wakeNanos(), now), untilWake(pool.wakeNanos(), now));
    if (!again.isEmpty()) {
      wait = Math.clamp(againNanos - now, 0, wait);
    }
    if (!fromSlots.isEmpty()) {
      wait = Math.min(wait, TRY_AGAIN.toNanos()); // left by a fault
    }
    return wait == Long.MAX_VALUE ? queue.take() : queue.poll(wait, TimeUnit.NANOSECONDS);
  }

  private static long untilWake(OptionalLong wake, long now) {
    return wake.isEmpty() ? Long.MAX_VALUE : Math.max(0, wake.getAsLong() - now);
  }

  private Moment now() {
    return new Moment(System.nanoTime(), clock.instant());
  }

  private void take(Message message) {
    switch (message) {
      case Message.Told told -> {
        if (told.command() instanceof Command.LeaseLost lost) {
          lose(lost);
        } else {
          decide(told.command());
        }
      }
      case Message.Begun begun -> {
        Job job = begun.run().job();
        running.put(job.id(), job);
        notStored.remove(job.id());
        board.add(job);
        reductions.begin(job, begun.run().version());
        reduce(job.id(), begun.partials());
        decide(begun.run());
      }
      case Message.NotEnded not -> {
        if (not.job() != null) {
          running.put(not.job().id(), not.job());
        }
        finishSurely(not.finish());
      }
      case Message.Seen seen -> {
        if (seen.event() instanceof WorkerEvent.Excess excess) {
          decide(new Command.Fail(excess.job(), "excessLine", excess(excess)));
        }
        pool.handle(seen.event());
      }
      case Message.Noted noted -> dispatchAlone(noted.dispatch(), noted.durable());
      case Message.Stored stored -> subtractUnstored(stored.bytes());
      case Message.Reduced reduced -> {
        subtractUnstored(REPORT_BYTES);
        finishSurely(reduced.finish());
      }
      case Message.AskStored ask -> {
        CompletableFuture<?> _ =
            lastRecord.whenComplete((done, failure) -> ask.answer().complete(null));
      }
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

  /** Another service has the job: from here on users see what the store says. */
  private void lose(Command.LeaseLost lost) {
    reductions.forget(lost.job(), lost.version());
    boolean was = core.has(lost.job());
    decide(lost);
    if (was && !core.has(lost.job())) {
      running.remove(lost.job());
      notStored.remove(lost.job());
      board.drop(lost.job());
    }
  }

  private static JobError excess(WorkerEvent.Excess event) {
    return new JobError(
        "EXCESS_LINE",
        event.detail()
            + ". It must write one line for each item: which answers before are those of other items"
            + " cannot be known, so no result of this job is to be trusted. A line before the first"
            + " answer, such as a greeting, shifts all others. Write all else to stderr,"
            + " or let the command name its items (\"indexed\": true)",
        null);
  }

  private void stopIfAsked() {
    for (Message.Stop request : stopRequests) {
      if (request.atOnce()) {
        pool.killAll();
      }
      if (request.atOnce() || core.isIdle()) {
        pool.endAll();
      }
      if (pool.isEmpty() && unstoredBytes == 0) {
        stopped = true;
      }
    }
    if (stopped) {
      stopRequests.forEach(request -> request.done().complete(null));
    }
  }

  private void perform(List<Action> actions) {
    actions.forEach(this::perform);
  }

  /** Does what the core decided. The core goes on deciding: what fails here must not stop it. */
  private void perform(Action action) {
    try {
      performNow(action);
    } catch (Throwable fault) {
      log.error("the service failed at {}", action.getClass().getSimpleName(), fault);
      switch (action) {
        case Action.RecordOutcomes write -> {
          notStored.add(write.job()); // the core may end the job before it hears of the failure
          fail(write.job(), "notStored", NOT_STORED);
        }
        case Action.LookUp unknown ->
            unknown
                .items()
                .forEach(items -> findings.release(unknown.job().id(), unknown.version(), items));
        case Action.NoteStart start -> later(() -> perform(start));
        case Action.Finish finish -> later(() -> perform(finish));
        // The next one shows all that this one would have.
        case Action.Publish publish -> {}
        case Action.Dispatch dispatch -> giveBack(dispatch);
        // The pool deals with its own faults.
        case Action.Recall recall -> {}
        case Action.Stop stop -> {}
      }
    }
  }

  private void performNow(Action action) {
    switch (action) {
      case Action.Dispatch dispatch -> {
        if (dispatch.alone()) {
          noteAlone(dispatch);
        } else {
          pool.dispatch(dispatch.slot(), dispatch.chunk(), dispatch.job());
        }
      }
      case Action.Recall recall -> pool.recall(recall.slot(), recall.fromChunk());
      case Action.Stop stop -> pool.stop(stop.slot());
      case Action.LookUp lookUp ->
          memo.lookUp(lookUp.job(), lookUp.version(), lookUp.items(), findings);
      case Action.Publish publish -> board.publish(publish.job(), publish.status());
      case Action.NoteStart start -> noteStart(start);
      case Action.RecordOutcomes write -> record(write);
      case Action.Finish finish -> reduceAndFinish(finish);
    }
  }

  private void noteAlone(Action.Dispatch alone) {
    Chunk chunk = alone.chunk();
    int deaths = chunk.attempt() - 1;
    var noted = store.alone(chunk.job(), chunk.version(), chunk.items(), deaths);
    onAnswer(noted, chunk.job(), chunk.version(), 0);
    CompletableFuture<?> _ =
        noted.whenComplete(
            (durable, failure) -> queue.add(new Message.Noted(alone, failure == null && durable)));
  }

  /** Hands the chunk over; one of a job that has ended meanwhile, or is not noted, goes back. */
  private void dispatchAlone(Action.Dispatch alone, boolean durable) {
    if (durable && running.containsKey(alone.chunk().job())) {
      pool.dispatch(alone.slot(), alone.chunk(), alone.job());
    } else {
      giveBack(alone);
    }
  }

  private void giveBack(Action.Dispatch dispatch) {
    Chunk chunk = dispatch.chunk();
    fromSlots.add(new SlotEvent.Returned(dispatch.slot(), chunk.number(), chunk.items().first()));
  }

  private void noteStart(Action.NoteStart start) {
    Job job = running.get(start.job());
    if (job != null) {
      inform(() -> listener.started(job, Duration.between(job.submittedAt(), start.at())));
    }
    onAnswer(
        store.started(start.job(), start.version(), start.at()), start.job(), start.version(), 0);
  }

  private void record(Action.RecordOutcomes write) {
    Job job = running.get(write.job());
    if (job != null) {
      inform(() -> listener.reported(job, write.report()));
      inform(() -> remember(job, write.report()));
      reduce(write.job(), List.of(write.report().outcomes().values()));
    }
    var recorded = store.record(write.job(), write.version(), write.report());
    long bytes = weight(write.report().outcomes());
    addUnstored(bytes);
    onAnswer(recorded, write.job(), write.version(), bytes);
    lastRecord =
        recorded.handle((accepted, failure) -> {
          if (job != null && failure == null && accepted) {
            inform(() -> listener.stored(job, write.report()));
          }
          return null;
        });
  }

  private void reduceAndFinish(Action.Finish finish) {
    Job job = running.get(finish.job());
    boolean reduces = job != null && job.spec().reduce() != JobSpec.Reduce.LIST;
    var reduced = reductions.finish(finish, reduces);
    if (reduced.isDone()) {
      // At once, so that the end shares a commit with the last outcomes.
      finishSurely(reduced.join());
    } else {
      addUnstored(REPORT_BYTES);
      CompletableFuture<?> _ = reduced.thenAccept(whole -> queue.add(new Message.Reduced(whole)));
    }
  }

  /** Merges what items of a job come to; what waits for that counts with the rest. */
  private void reduce(JobId job, List<byte[]> partials) {
    var merged = reductions.merge(job, partials);
    long bytes = merged.isDone() ? 0 : REPORT_BYTES + Reductions.bytes(partials);
    if (bytes > 0) {
      addUnstored(bytes);
    }
    CompletableFuture<?> _ =
        merged.whenComplete((done, failure) -> {
          if (bytes > 0) {
            queue.add(new Message.Stored(bytes));
          }
          if (failure != null) {
            fail(job, Reductions.STOP_REASON, Reductions.error(failure));
          }
        });
  }

  /** A job ends, even if that takes more than one try. */
  private void finishSurely(Action.Finish finish) {
    try {
      finish(finish);
    } catch (Throwable fault) {
      log.error("the end of job {} is tried again", finish.job(), fault);
      later(() -> finishSurely(finish));
    }
  }

  /** Nobody who only listens can stop what was decided. */
  private static void inform(Runnable listener) {
    try {
      listener.run();
    } catch (Throwable fault) {
      log.error("a listener of the scheduler failed", fault);
    }
  }

  /** About what a report takes in memory until it is on disk: as it came, and as it is written. */
  private static long weight(Outcomes outcomes) {
    long bytes = REPORT_BYTES + outcomes.values().length;
    for (ItemError error : outcomes.errors()) {
      bytes += error.weight();
    }
    return bytes;
  }

  private void addUnstored(long bytes) {
    unstoredBytes += bytes;
    if (unstoredBytes > MOST_UNSTORED_BYTES) {
      queue.add(new Message.Told(new Command.StoreBehind(true)));
    }
  }

  private void subtractUnstored(long bytes) {
    unstoredBytes -= bytes;
    if (unstoredBytes <= MOST_UNSTORED_BYTES) {
      decide(new Command.StoreBehind(false));
    }
  }

  /** What the memo has not written yet counts with the rest: it must not pile up either. */
  private void remember(Job job, OutcomeReport report) {
    if (!job.spec().remembers() || report.worker() == OutcomeReport.REMEMBERED) {
      return;
    }
    var outcomes = report.outcomes();
    byte[] values = outcomes.uncombined() == null ? outcomes.values() : outcomes.uncombined();
    long bytes = values.length + outcomes.items().count() * MEMO_ITEM_BYTES;
    var learned = memo.learn(job, outcomes);
    addUnstored(bytes);
    CompletableFuture<?> _ = learned.thenRun(() -> queue.add(new Message.Stored(bytes)));
  }

  private void finish(Action.Finish finish) {
    Job job = running.get(finish.job());
    JobStatus decided = finish.status();
    boolean ranToItsEnd = decided.state() == JobState.SUCCEEDED || decided.stopReason() == null;
    JobStatus status =
        ranToItsEnd && notStored.contains(finish.job())
            ? decided.failed("notStored", NOT_STORED)
            : decided;
    if (job != null) {
      inform(() -> listener.finished(job, status));
    }
    var finished = store.finish(finish.job(), finish.version(), status);
    running.remove(finish.job());
    notStored.remove(finish.job());
    CompletableFuture<?> _ =
        finished.whenComplete((stored, failure) -> {
          if (OwnershipLostException.isCauseOf(failure) || (failure == null && stored.isEmpty())) {
            log.warn("job {} did not end here: it is no longer ours", finish.job());
            board.drop(finish.job());
            return;
          }
          if (failure != null && !NOT_STORED.equals(status.error())) {
            // Outcomes before it were not stored either: the job ends, and says so.
            log.error("the end of job {} was not stored", finish.job(), failure);
            var failed = status.failed("notStored", NOT_STORED);
            queue.add(
                new Message.NotEnded(
                    job, new Action.Finish(finish.job(), finish.version(), failed)));
            return;
          }
          JobStatus last = failure == null ? stored.orElseThrow() : status;
          if (failure != null) {
            log.error("the end of job {} was not stored", finish.job(), failure);
          } else if (job != null) {
            inform(() -> listener.ended(job, last));
          }
          board.remove(finish.job(), last, failure == null);
        });
  }

  /** The store's fence tells that the job is no longer ours. */
  private void onAnswer(CompletableFuture<Boolean> write, JobId job, long version, long bytes) {
    CompletableFuture<?> _ =
        write.whenComplete((accepted, failure) -> {
          if (bytes > 0) {
            queue.add(new Message.Stored(bytes));
          }
          if (OwnershipLostException.isCauseOf(failure)) {
            tell(new Command.LeaseLost(job, version));
          } else if (failure != null) {
            // It would be refused again: the job ends rather than wait for what never comes.
            log.error("what job {} came to was not stored", job, failure);
            fail(job, "notStored", NOT_STORED);
          } else if (!accepted) {
            log.warn("job {} is no longer ours under version {}", job, version);
            tell(new Command.LeaseLost(job, version));
          }
        });
  }

  /** The items of a job that are not in these ascending, disjoint ranges. */
  static List<ItemRange> complement(List<ItemRange> done, long total) {
    var rest = new ArrayList<ItemRange>();
    long next = 0;
    for (ItemRange range : done) {
      if (range.first() > next) {
        rest.add(new ItemRange(next, range.first()));
      }
      next = range.end();
    }
    if (next < total) {
      rest.add(new ItemRange(next, total));
    }
    return rest;
  }
}
