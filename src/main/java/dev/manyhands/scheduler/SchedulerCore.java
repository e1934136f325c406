package dev.manyhands.scheduler;

import dev.manyhands.job.ItemRange;
import dev.manyhands.job.JobError;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.JobState;
import dev.manyhands.job.JobStatus;
import dev.manyhands.job.Outcomes;
import dev.manyhands.job.ServiceDeaths;
import dev.manyhands.store.JobStore.OutcomeReport;
import dev.manyhands.worker.SlotEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides which chunk runs next, and on which slot: {@code (state, event, now) → (state',
 * actions)}. Deterministic: no clock, no thread, no I/O, no randomness of its own, so that a
 * simulator can play any history to it and play it again.
 *
 * <p>It counts outcomes and does not look at results: {@link Reductions} merges those of a job that
 * reduces them.
 *
 * <p>It works on leases: items of a job, granted to this node under a version. On one machine a job
 * is granted whole.
 *
 * <p>All state belongs to the thread that calls it.
 */
public final class SchedulerCore {
  /** Decided and not returned. */
  private final List<Action> decided = new ArrayList<>();

  /** When it wants to be called again, if nothing happens before. */
  private final Alarm alarm = new Alarm();

  private final Deadlines deadlines = new Deadlines(alarm);
  private final Dealer dealer;
  private final Map<JobId, JobRun> runs = new HashMap<>();

  private final Delays delays = new Delays(alarm);
  private final Recorder recorder = new Recorder(decided);
  private final SlotReports reports;
  private long nextSequence;

  /**
   * @param slots how many workers may run at once
   * @param memoryBytes that they may hold together; 0 for no limit
   * @param memoryOf bytes that a worker of a job may hold; the same for a job as long as it runs
   */
  public SchedulerCore(int slots, long memoryBytes, ToLongFunction<JobSpec> memoryOf) {
    var memory = new MemoryBudget(memoryBytes, memoryOf);
    this.dealer = new Dealer(slots, memory, alarm, deadlines, decided);
    this.reports = new SlotReports(dealer, delays, recorder);
  }

  /** When a {@link Command.Tick} is due, by the monotonic clock. */
  public OptionalLong wakeNanos() {
    return alarm.nanos();
  }

  /** Whether no slot has anything. */
  public boolean isIdle() {
    return dealer.isIdle();
  }

  /** Slots that have a chunk. */
  public int busySlots() {
    return dealer.busySlots();
  }

  /** The suspected job that keeps others from slots; null if none does. */
  public @Nullable AloneTurn aloneTurn() {
    return dealer.aloneTurn();
  }

  /** Slot seconds for which workers have had chunks of a job since they last reported. */
  public double unreportedSeconds(JobId job, Moment now) {
    JobRun run = runs.get(job);
    return run == null ? 0 : dealer.unreportedSeconds(run, now);
  }

  /**
   * Decides about a command. After an exception, {@code giveUp} or {@link #takeDecided} returns the
   * actions that were decided before the exception: they agree with the state.
   *
   * @return the actions, in the order in which they must be performed
   */
  public List<Action> handle(Command command, Moment now) {
    switch (command) {
      case Command.Run run -> begin(run, now);
      case Command.Append append -> with(runs.get(append.job()), run -> append(run, append));
      case Command.Known known ->
          with(granted(known.job(), known.version()), run -> takeKnown(run, known.report(), now));
      case Command.Release release ->
          with(granted(release.job(), release.version()), run -> release(run, release.items()));
      case Command.CloseInputs close ->
          with(
              runs.get(close.job()),
              run -> {
                run.close(close.total());
                afterOutcomes(run, now);
              });
      case Command.Fail fail ->
          with(
              runs.get(fail.job()),
              run -> end(run, JobState.FAILED, fail.stopReason(), fail.error(), now));
      case Command.Change change ->
          with(runs.get(change.job()), run -> change(run, change.spec(), now));
      case Command.Cancel cancel ->
          with(runs.get(cancel.job()), run -> end(run, JobState.CANCELLED, "cancelled", null, now));
      case Command.LeaseLost lost -> with(granted(lost.job(), lost.version()), this::forget);
      case Command.EndSuspicion end -> runs.values().forEach(run -> run.suspicious = false);
      case Command.Drain drain -> dealer.drain();
      case Command.StoreBehind store -> dealer.setStoreBehind(store.behind());
      case Command.Tick tick -> {}
    }
    return goOn(now);
  }

  /** Decides about an event of a slot, as {@link #handle(Command, Moment)} about a command. */
  public List<Action> handle(SlotEvent event, Moment now) {
    JobRun run = reports.take(event, now);
    if (run != null) {
      afterOutcomes(run, now);
    }
    return goOn(now);
  }

  /** Does what is due by now, and hands out chunks. */
  private List<Action> goOn(Moment now) {
    alarm.clear();
    delays.putBackDue(now).forEach(dealer::settle);
    for (JobRun overdue; (overdue = deadlines.overdue(now)) != null; ) {
      end(overdue, JobState.FAILED, JobStatus.TIMED_OUT, Deadlines.error(overdue), now);
    }
    dealer.handOut(now);
    return takeDecided();
  }

  /** A command about a job that is not here, or no longer so, is nothing to anybody. */
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

  /** Whether the job was granted and has not ended. */
  boolean has(JobId job) {
    return runs.containsKey(job);
  }

  /**
   * Ends a job as failed because a decision about it failed: what is known of the job may be wrong
   * now, and must not become a wrong answer.
   */
  public List<Action> giveUp(JobId job, JobError error, Moment now) {
    JobRun run = runs.get(job);
    if (run != null) {
      end(run, JobState.FAILED, "internalError", error, now);
    }
    return takeDecided();
  }

  /** As {@link #giveUp(JobId, JobError, Moment)} for the job of a slot, which is free then. */
  public List<Action> giveUp(int slot, JobError error, Moment now) {
    JobRun lost = dealer.clear(slot);
    return lost == null ? takeDecided() : giveUp(lost.id(), error, now);
  }

  // ---- jobs come and go

  private void begin(Command.Run command, Moment now) {
    var run = new JobRun(command, nextSequence++, now.wall());
    runs.put(run.id(), run);
    dealer.enter(run);
    deadlines.set(run, now);
    offer(run, tryAlone(run, command, now));
    // An earlier grant may have had its last outcomes stored, and not the end they led to.
    afterOutcomes(run, now);
  }

  /**
   * Puts the items on trial that ran when the service died, while nothing else did.
   *
   * @return the other items
   */
  private List<ItemRange> tryAlone(JobRun run, Command.Run command, Moment now) {
    if (!run.suspicious) {
      return command.remaining();
    }
    var trial = Trial.of(command.remaining(), command.deaths());
    trial.parts().forEach(run::putBackAlone);
    if (trial.single() != null) {
      tryAlone(run, trial.single(), command.deaths(), now);
    }
    return trial.others();
  }

  private void tryAlone(JobRun run, long item, ServiceDeaths deaths, Moment now) {
    run.loseAttempts(item, deaths.aloneCount());
    if (deaths.aloneCount() < run.spec().retry().crash()) {
      run.putBackAlone(ItemRange.ofCount(item, 1));
      return;
    }
    dealer.noteStart(run, now);
    var outcomes = Outcomes.failed(Trial.error(item, deaths), null);
    recorder.record(
        run, new OutcomeReport(outcomes, OutcomeReport.SERVICE, 0, now.wall(), now.wall(), 1));
  }

  private void append(JobRun run, Command.Append append) {
    run.append(append.items().count());
    offer(run, List.of(append.items()));
    dealer.settle(run);
  }

  private void release(JobRun run, ItemRange items) {
    run.unhold(items);
    run.pending.putBack(items);
    dealer.settle(run);
  }

  /** The job as it was granted under this version; null when it is not here, or no longer so. */
  private @Nullable JobRun granted(JobId id, long version) {
    JobRun run = runs.get(id);
    return run != null && run.version == version ? run : null;
  }

  /** Lets items run, or, where a job remembers outcomes, first find out which of them have one. */
  private void offer(JobRun run, List<ItemRange> items) {
    if (!run.spec().remembers()) {
      items.forEach(run.pending::putBack);
    } else if (!items.isEmpty()) {
      items.forEach(run::hold);
      decided.add(new Action.LookUp(run.job, run.version, List.copyOf(items)));
    }
  }

  /** Records what was remembered, in the same way as what a worker reports. */
  private void takeKnown(JobRun run, OutcomeReport report, Moment now) {
    Outcomes outcomes = report.outcomes();
    run.unhold(outcomes.items());
    dealer.noteStart(run, now);
    recorder.recordKnown(run, report);
    afterOutcomes(run, now);
  }

  private void end(
      JobRun run,
      JobState state,
      @Nullable String stopReason,
      @Nullable JobError error,
      Moment now) {
    forget(run);
    var status = run.ended(state, stopReason, error, now.wall());
    decided.add(new Action.Finish(run.id(), run.version, status));
  }

  /** Applies a changed spec. The change takes effect at once for items that have not started. */
  private void change(JobRun run, JobSpec spec, Moment now) {
    run.job = run.job.withSpec(spec);
    dealer.takeBackExcess(run);
    afterOutcomes(run, now);
  }

  /** Stops what still runs of the job; what comes of it is for nobody. */
  private void forget(JobRun run) {
    run.ended = true;
    runs.remove(run.id());
    deadlines.remove(run);
    delays.remove(run);
    run.pending.clear();
    dealer.forget(run);
  }

  private void afterOutcomes(JobRun run, Moment now) {
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
