package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which chunk runs next, and in which slot: {@code (state, event, now) → (state',
 * actions)}. Deterministic: it has no clock, no thread, no I/O, and no randomness of its own.
 * Therefore a simulator can replay any history.
 *
 * <p>The core counts outcomes and does not look at results. {@link Reductions} merges the results
 * of a job that reduces them.
 *
 * <p>The core works on grants: a job, with the items that are to run, under a version.
 *
 * <p>All state belongs to the thread that calls the core.
 */
public final class SchedulerCore {
  private static final Logger log = LoggerFactory.getLogger(SchedulerCore.class);

  /** The stop reason of a job at which the service has failed. */
  private static final String INTERNAL = "internalError";

  /** Actions that were decided and not yet returned. */
  private final List<Action> decided = new ArrayList<>();

  /** The time at which the core must be called again, if nothing happens before. */
  private final Alarm alarm = new Alarm();

  private final Deadlines deadlines = new Deadlines(alarm);
  private final Dealer dealer;
  private final Map<JobId, JobRun> runs = new HashMap<>();

  private final Delays delays = new Delays(alarm);
  private final Recorder recorder = new Recorder(decided);
  private final SlotReports reports;
  private final LoneItems lone;
  private final ItemCancels cancels;
  private long nextSequence;

  /** The job that the slot ran whose event is handled; null between events. */
  private @Nullable JobRun handled;

  /**
   * Creates a core without jobs.
   *
   * @param slots how many workers may run at once
   * @param memoryBytes how much memory the workers may hold together; 0 for no limit
   * @param memoryOf returns the bytes that a worker of a job may hold; constant while the job runs
   */
  public SchedulerCore(int slots, long memoryBytes, ToLongFunction<JobSpec> memoryOf) {
    var memory = new MemoryBudget(memoryBytes, memoryOf);
    this.dealer = new Dealer(slots, memory, alarm, deadlines, decided);
    this.reports = new SlotReports(dealer, delays, recorder);
    this.lone = new LoneItems(dealer, recorder);
    this.cancels = new ItemCancels(dealer, alarm, decided);
  }

  /**
   * Returns the {@link Now#nanos} at which a {@link CoreEvent.Tick} is due; empty if none is due.
   */
  public OptionalLong wakeNanos() {
    return alarm.nanos();
  }

  /** Returns the number of slots that have a chunk; 0 if the core is idle. */
  public int busySlots() {
    return dealer.slots().busy();
  }

  /** Returns the suspected job that keeps others from slots; null if there is none. */
  public @Nullable AloneTurn aloneTurn() {
    return dealer.aloneTurn();
  }

  /**
   * Returns the seconds since the last report on a job's running chunk, or since the start of the
   * chunk, summed over all slots.
   */
  public double unreportedSeconds(JobId job, Now now) {
    JobRun run = runs.get(job);
    return run == null ? 0 : dealer.slots().unreportedSeconds(run, now);
  }

  /**
   * Decides about an event. After an exception, {@code giveUp} or {@link #takeDecided} returns the
   * actions that were decided before the exception: they agree with the state.
   *
   * @return the actions, in the order in which they must be performed
   */
  public List<Action> handle(CoreEvent event, Now now) {
    switch (event) {
      case CoreEvent.Run run -> begin(run, now);
      case CoreEvent.Append append -> with(runs.get(append.job()), run -> append(run, append));
      case CoreEvent.Known known ->
          with(granted(known.job(), known.version()), run -> takeKnown(run, known.report(), now));
      case CoreEvent.Release release ->
          with(granted(release.job(), release.version()), run -> release(run, release.items()));
      case CoreEvent.CloseInputs close ->
          with(
              runs.get(close.job()),
              run -> {
                run.close(close.total());
                afterOutcomes(run, now);
              });
      case CoreEvent.Fail fail ->
          with(
              runs.get(fail.job()),
              run -> end(run, JobState.FAILED, fail.stopReason(), fail.error(), now));
      case CoreEvent.Change change ->
          with(runs.get(change.job()), run -> change(run, change.spec(), now));
      case CoreEvent.Cancel cancel ->
          with(runs.get(cancel.job()), run -> end(run, JobState.CANCELLED, "cancelled", null, now));
      case CoreEvent.Abandon abandon -> with(runs.get(abandon.job()), run -> abandon(run, now));
      case CoreEvent.CancelItems request -> cancels.begin(runs.get(request.job()), request, now);
      case CoreEvent.LeaseLost lost -> with(granted(lost.job(), lost.version()), this::forget);
      case CoreEvent.EndSuspicion end -> runs.values().forEach(run -> run.suspicious = false);
      case CoreEvent.Drain drain -> dealer.drain();
      case CoreEvent.StoreBehind store -> dealer.setStoreBehind(store.behind());
      case CoreEvent.Tick tick -> {}
    }
    return goOn(now);
  }

  /** Decides about an event of a slot, as about other events. */
  public List<Action> handle(SlotEvent event, Now now) {
    handled = dealer.slots().running(event.slot());
    JobRun run = reports.take(event, now);
    with(run, each -> afterOutcomes(each, now));
    List<Action> actions = goOn(now);
    handled = null;
    return actions;
  }

  /** Handles all that is due by now, and hands out chunks. */
  private List<Action> goOn(Now now) {
    alarm.clear();
    delays.putBackDue(now).forEach(dealer::settle);
    for (JobRun overdue; (overdue = deadlines.overdue(now)) != null; ) {
      end(overdue, JobState.FAILED, JobStatus.TIMED_OUT, Deadlines.error(overdue), now);
    }
    cancels.goOn(now).forEach(run -> afterOutcomes(run, now));
    handOut(now);
    return takeDecided();
  }

  /** Hands out chunks. A fault at a chunk costs the job of the chunk, and no other. */
  private void handOut(Now now) {
    try {
      dealer.handOut(now);
    } catch (Throwable fault) {
      JobRun lost = dealer.lost();
      if (lost == null) {
        throw fault;
      }
      log.error("a chunk could not be handed out, its job is given up, job={}", lost.id(), fault);
      end(lost, JobState.FAILED, INTERNAL, SchedulerErrors.INTERNAL_ERROR, now);
      handOut(now);
    }
  }

  /** Runs an action on a job. An event about a job that is not here has no effect. */
  private static void with(@Nullable JobRun run, Consumer<JobRun> what) {
    if (run != null) {
      what.accept(run);
    }
  }

  /** Returns the actions that were decided and not returned; there are some after a fault. */
  List<Action> takeDecided() {
    var actions = List.copyOf(decided);
    decided.clear();
    return actions;
  }

  // ---- faults

  /** Returns whether the job was granted and has not ended. */
  boolean has(JobId job) {
    return runs.containsKey(job);
  }

  /** Ends a job as failed after a decision about it has failed: its state may be wrong now. */
  public List<Action> giveUp(JobId job, JobError error, Now now) {
    JobRun run = runs.get(job);
    if (run != null) {
      end(run, JobState.FAILED, INTERNAL, error, now);
    }
    return takeDecided();
  }

  /** Gives up the jobs of a slot whose event led to a fault, and frees the slot. */
  public List<Action> giveUp(int slot, JobError error, Now now) {
    var actions = new ArrayList<Action>();
    for (JobRun run : Arrays.asList(dealer.clear(slot), handled)) {
      with(run, lost -> actions.addAll(giveUp(lost.id(), error, now)));
    }
    actions.addAll(takeDecided());
    return actions;
  }

  // ---- jobs come and go

  private void begin(CoreEvent.Run command, Now now) {
    var run = new JobRun(command, nextSequence++, now.wall());
    runs.put(run.id(), run);
    dealer.enter(run);
    deadlines.set(run, now);
    offer(run, lone.begin(run, command, now));
    // An earlier grant may have stored the last outcomes, but not the end of the job.
    afterOutcomes(run, now);
  }

  private void append(JobRun run, CoreEvent.Append append) {
    List<ItemRange> unknown = run.known.missing(append.items());
    unknown.forEach(run::append);
    offer(run, unknown);
    dealer.settle(run);
  }

  private void abandon(JobRun run, Now now) {
    JobRun.End end = run.abandoned();
    end(run, end.state(), end.stopReason(), end.error(), now);
  }

  private void release(JobRun run, ItemRange items) {
    run.unhold(items);
    run.pending.putBack(items);
    dealer.settle(run);
  }

  /** Returns the job that was granted under this version; null if it is not here. */
  private @Nullable JobRun granted(JobId id, long version) {
    JobRun run = runs.get(id);
    return run != null && run.version == version ? run : null;
  }

  /**
   * Makes items pending. If the job remembers outcomes, the items are held until the memo has
   * answered.
   */
  private void offer(JobRun run, List<ItemRange> items) {
    if (!run.spec().remembers()) {
      items.forEach(run.pending::putBack);
    } else if (!items.isEmpty()) {
      items.forEach(run::hold);
      decided.add(new Action.LookUp(run.job, run.version, List.copyOf(items)));
    }
  }

  /** Records remembered outcomes, like a report of a worker. */
  private void takeKnown(JobRun run, OutcomeReport report, Now now) {
    run.unhold(report.outcomes().items());
    dealer.noteStart(run, now);
    recorder.recordKnown(run, report);
    afterOutcomes(run, now);
  }

  private void end(
      JobRun run, JobState state, @Nullable String stopReason, @Nullable JobError error, Now now) {
    stop(run);
    var status = run.ended(state, stopReason, error, now.wall());
    decided.add(new Action.Finish(run.id(), run.version, status));
    runs.remove(run.id()); // last: a job that meets a fault before can still be given up
  }

  /**
   * Applies a changed spec. Recalls items that may not start any more, and ends the job if the new
   * spec requires this.
   */
  private void change(JobRun run, JobSpec spec, Now now) {
    run.job = run.job.withSpec(spec);
    dealer.takeBackExcess(run);
    afterOutcomes(run, now);
  }

  private void forget(JobRun run) {
    stop(run);
    runs.remove(run.id());
  }

  /** Stops the chunks of a job. Outcomes that still come are ignored. */
  private void stop(JobRun run) {
    run.ended = true;
    deadlines.remove(run);
    delays.remove(run);
    cancels.forget(run);
    run.pending.clear();
    dealer.forget(run);
  }

  private void afterOutcomes(JobRun run, Now now) {
    if (run.ended) {
      return;
    }
    JobRun.End end = run.endsNow();
    if (end == null) {
      dealer.settle(run);
    } else {
      end(run, end.state(), end.stopReason(), end.error(), now);
    }
  }
}
