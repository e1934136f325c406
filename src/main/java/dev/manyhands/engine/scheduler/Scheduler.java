package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.WorkerStarter;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.engine.worker.pool.PoolListener;
import dev.manyhands.model.Grant;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs. This is the interface of the thread that drives {@link SchedulerCore} with real
 * workers and a real store. All messages to the thread go through one queue. The public methods may
 * be called by any thread and return at once, unless their comments state otherwise.
 */
public final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  /** The error of a job whose inputs will never be complete. */
  public static final JobError UPLOAD_CUT =
      new JobError(
          "UPLOAD_CUT",
          "the request that carried the inputs broke off; finished items keep their results, submit"
              + " the job again",
          null);

  private static final Duration NOTE_PATIENCE = Duration.ofSeconds(2);
  private static final Duration ABANDON_PATIENCE = Duration.ofSeconds(20);

  private final JobStore store;
  private final JobBoard board;
  private final Inbox inbox = new Inbox();
  private final SchedulerLoop loop;
  private final Thread thread;
  private final int slots;

  /** Creates a scheduler that does nothing before {@link #start}. */
  public Scheduler(
      WorkerSettings settings,
      WorkerStarter starter,
      PoolListener poolListener,
      SchedulerPorts ports) {
    this.store = ports.store();
    this.board = ports.board();
    this.slots = settings.pool().slots();
    this.loop = new SchedulerLoop(settings, starter, poolListener, ports, inbox);
    this.thread = Thread.ofPlatform().name("scheduler").unstarted(loop);
  }

  /**
   * Takes over the unfinished jobs of an earlier service, and begins. Blocks while it reads the
   * store.
   *
   * @return all unfinished jobs; jobs in state {@code WAITING} are not run yet
   */
  public List<Grant> start() {
    List<Grant> grants = store.grantUnfinished();
    int suspicions = 0;
    for (var grant : grants) {
      var remaining = ItemRange.complement(grant.over(), grant.tally().total());
      board.add(grant.job());
      if (grant.job().status().state() == JobState.WAITING) {
        continue;
      }
      var run =
          new CoreEvent.Run(
              grant.job(),
              grant.version(),
              remaining,
              grant.tally(),
              grant.cancelled(),
              grant.deaths());
      inbox.add(new Message.Begun(run, grant.partials()));
      if (grant.deaths().areSuspicious()) {
        suspicions++;
        log.warn(
            "the service died {} times while job {} was running: its items run alone until the"
                + " guilty one is found, or the service has run for {} minutes",
            grant.deaths().count(),
            grant.job().id(),
            SchedulerLoop.TRUSTED_AFTER.toMinutes());
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
    loop.prepare(suspicions);
    thread.start();
    return grants;
  }

  /** Runs a job that was just stored, under the first version. */
  public void run(Job job) {
    run(job, JobStore.FIRST_VERSION);
  }

  /** Runs a job of which nothing has run yet, under this version. */
  public void run(Job job, long version) {
    long total = job.status().tally().total();
    var all = total == 0 ? List.<ItemRange>of() : List.of(new ItemRange(0, total));
    var run = new CoreEvent.Run(job, version, all, Tally.ofTotal(total));
    inbox.add(new Message.Begun(run, List.of()));
  }

  /**
   * Notes that more items of a job are stored. Items before them are stored too. The core takes
   * them all, because an error may have lost an earlier note.
   */
  public void append(JobId id, ItemRange items) {
    inbox.tell(new CoreEvent.Append(id, new ItemRange(0, items.end())));
    board.appended(id, items.end());
  }

  /** Notes that the inputs of a job are closed and that it has {@code total} items in all. */
  public void closeInputs(JobId id, long total) {
    if (total > 0) {
      append(id, new ItemRange(0, total));
    }
    board.inputsClosed(id, total);
    inbox.tell(new CoreEvent.CloseInputs(id, total));
  }

  /** Ends a job as failed, if it has not ended. */
  public void fail(JobId id, String stopReason, JobError error) {
    inbox.fail(id, stopReason, error);
  }

  /**
   * Changes options of a job. The new options hold for items that have not started, and may end the
   * job.
   */
  public void change(JobId id, JobSpec spec) {
    inbox.tell(new CoreEvent.Change(id, spec));
  }

  /** Ends a job as cancelled, if it has not ended. */
  public void cancel(JobId id) {
    inbox.tell(new CoreEvent.Cancel(id));
  }

  /** Ends an open job for which nobody asks any more, if it has not ended. */
  public void abandon(JobId id) {
    inbox.tell(new CoreEvent.Abandon(id));
  }

  /**
   * Cancels items of a job that have not begun. The answer is durable.
   *
   * @param items ranges that do not overlap, of items that the job has
   * @param force whether items that run are stopped and cancelled, too, which takes a moment
   */
  public CompletableFuture<Cancellation> cancelItems(
      JobId id, List<ItemRange> items, boolean force) {
    return inbox.ask(answer -> new Message.CancelItems(id, items, force, answer));
  }

  /** Returns the workers as they are now; none when the scheduler has ended. */
  public CompletableFuture<List<WorkerView>> workers() {
    return inbox.ask(Message.AskWorkers::new);
  }

  /**
   * Returns the seconds since the last report on a job's running chunk, or since the start of the
   * chunk, summed over all slots.
   */
  public CompletableFuture<Double> unreportedSeconds(JobId job) {
    return inbox.ask(answer -> new Message.AskUnreported(job, answer));
  }

  /** Passes on an event of a worker that no thread of the worker saw, such as its use of memory. */
  public void observed(WorkerEvent event) {
    inbox.add(new Message.Seen(event));
  }

  public int slots() {
    return slots;
  }

  public int busySlots() {
    return loop.busySlots();
  }

  /** Returns the suspected job that keeps others from slots, if there is one. */
  public Optional<AloneTurn> aloneTurn() {
    return Optional.ofNullable(loop.aloneTurn());
  }

  /** Returns whether the scheduler still works. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  /**
   * Recalls items that have not started, lets the others finish within {@code patience}, and ends
   * all workers. Unfinished jobs are in the store and go on at the next start. Blocks, at most a
   * few seconds longer than {@code patience}.
   */
  public void stop(Duration patience) {
    if (!thread.isAlive()) {
      return;
    }
    inbox.tell(new CoreEvent.Drain());
    if (!stopWithin(patience, false)) {
      log.info(
          "workers still run after {} s and are ended; unfinished chunks run again at the next start",
          patience.toSeconds());
      stopWithin(Duration.ofSeconds(2), true);
    }
    noteEnd();
  }

  /**
   * Notes that the service stops and has not died. If the note fails, the stop counts as a death.
   */
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
   * Ends all workers at once, whatever they do, because another service has the jobs now. The store
   * refuses all outcomes and ends that are written from now on. Blocks until the workers are gone,
   * for a limited time.
   */
  public void abandon() {
    if (!thread.isAlive()) {
      return;
    }
    inbox.tell(new CoreEvent.Drain());
    if (!stopWithin(ABANDON_PATIENCE, true)) {
      log.error("workers still run after {} s", ABANDON_PATIENCE.toSeconds());
    }
  }

  private boolean stopWithin(Duration patience, boolean atOnce) {
    var done = new CompletableFuture<Void>();
    inbox.add(new Message.Stop(done, atOnce));
    return Waits.until(done, patience) && done.isDone();
  }

  @Override
  public void close() {
    stop(Duration.ZERO);
    loop.close();
  }
}
