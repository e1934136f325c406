package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.model.Failures;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.OnError;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import dev.manyhands.support.Word;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A job that was granted to this service and has not ended. Owned by the scheduler thread. */
final class JobRun {
  private static final long MOST_BACKOFF_NANOS = 24 * 3_600_000_000_000L;

  /** The job as it was granted, or as a user has changed it since. */
  Job job;

  final long version;
  final PendingItems pending;
  final Delayed delayed = new Delayed();
  final ChunkSizer sizer;
  final SizeLog sizes;
  final Recycling recycling;

  /** Order of arrival; the older of two jobs with one virtual start goes first. */
  final long sequence;

  /** Virtual time at which the job's next chunk is due. Written only by {@link FairQueue}. */
  double virtualStart;

  /** Weight of the job in {@link FairQueue} while it waits. */
  double waitingWeight;

  private Tally tally;

  private Failures failures;

  /** Items that must not run yet, because the memo is looking up their outcomes. */
  final ItemSet held = new ItemSet();

  /** Items that have come, whatever has become of them. */
  final ItemSet known = new ItemSet();

  /** Items that a user has cancelled. */
  final ItemSet cancelled = new ItemSet();

  /**
   * Whether items are being cancelled. The job gets no slots meanwhile, which could begin these
   * items.
   */
  boolean isCancelling;

  /** How often items have come, have become pending again, or have left a slot. */
  long moves;

  /** Number of items that the job will have; null while more may come. */
  private @Nullable Long finalTotal;

  @Nullable Instant startedAt;

  /**
   * Facts about the takeover of a job that had started under an earlier service; null for any other
   * job.
   */
  private final JobStatus.@Nullable Resumption resumption;

  /**
   * Time at which the job exceeds {@code timeouts.job}, by the monotonic clock. Null before the
   * start of the job, and without a limit.
   */
  @Nullable Long deadlineNanos;

  /** Number of slots whose running chunk belongs to the job. */
  int slotsHeld;

  /** Number of the job's chunks in slots, including queued chunks. */
  int chunksOut;

  int mostSlotsHeld;

  final WorkerFailures workerFailures = new WorkerFailures();

  boolean ended;

  /**
   * Whether the items run alone in the service, because they may have ended it. Reset once the
   * service has run for a while.
   */
  boolean suspicious;

  /** Number of lost attempts by item. Only the few items that lost an attempt have an entry. */
  private final Map<Long, Integer> lostAttempts = new HashMap<>();

  JobRun(CoreEvent.Run run, long sequence, Instant now) {
    this.job = run.job();
    this.version = run.version();
    this.pending =
        new PendingItems(List.of(), run.job().spec().chunking().order(), run.tally().total());
    this.tally = run.tally();
    this.failures = run.job().status().failures();
    if (tally.total() > 0) {
      known.add(new ItemRange(0, tally.total()));
    }
    run.cancelled().forEach(cancelled::add);
    this.finalTotal = run.job().status().inputsOpen() ? null : Long.valueOf(run.tally().total());
    this.sizer =
        new ChunkSizer(
            spec().chunking(),
            run.tally().total(),
            spec().threads(),
            spec().inputs() instanceof Inputs.Open);
    this.sizes = new SizeLog(run.job().status().chunkSizes());
    this.recycling = new Recycling(spec().recycle());
    this.mostSlotsHeld = run.job().status().workersUsed();
    this.sequence = sequence;
    this.suspicious = run.deaths().areSuspicious();
    this.startedAt = run.job().status().startedAt();
    this.resumption = startedAt == null ? null : new JobStatus.Resumption(now, run.tally().ran());
  }

  JobId id() {
    return job.id();
  }

  JobSpec spec() {
    return job.spec();
  }

  // ---- items come

  /** Counts new items of the job. The caller makes them pending. */
  void append(ItemRange items) {
    tally = tally.plusItems(items.count());
    known.add(items);
    moves++;
  }

  /** Sets the final number of items. */
  void close(long total) {
    finalTotal = total;
  }

  /**
   * Makes items of a lost or returned chunk pending again, unless the job has ended. With {@code
   * alone}, they run next as one chunk of their own.
   */
  void putBack(ItemRange items, boolean alone) {
    moves++;
    if (!ended && alone) {
      pending.putBackAlone(items);
    } else if (!ended) {
      pending.putBack(items);
    }
  }

  void putBackAlone(ItemRange items) {
    putBack(items, true);
  }

  /** Holds items back until it is known whether they are to run. */
  void hold(ItemRange items) {
    held.add(items);
  }

  /** Ends {@link #hold} for items, because it is known now whether they are to run. */
  void unhold(ItemRange items) {
    long before = held.count();
    var _ = held.remove(items);
    moves++;
    if (before - held.count() < items.count()) {
      throw new IllegalStateException("job " + id() + " did not hold back " + items);
    }
  }

  /** Counts items as cancelled. The caller has taken them out of the waiting ones. */
  void cancel(ItemRange items) {
    cancelled.add(items);
    tally = tally.plusCancelled(items.count());
  }

  /** Returns how many slots the job may use out of {@code slots}. */
  int slotLimit(int slots) {
    Integer workers = spec().workers();
    return workers == null ? slots : Math.min(workers, slots);
  }

  // ---- what goes wrong

  /** Charges an item for the end of its worker; returns whether the item has no attempt left. */
  boolean losesLastAttempt(long item, SlotEvent.Cause cause) {
    boolean timeout = cause == SlotEvent.Cause.TIMEOUT;
    int allowed = timeout ? spec().retry().timeout() : spec().retry().crash();
    return loseAttempt(item) >= allowed;
  }

  /** Counts one more lost attempt of the item; returns how many attempts it has lost. */
  private int loseAttempt(long item) {
    return lostAttempts.merge(item, 1, Integer::sum);
  }

  /** Adds attempts that the item has lost under earlier services. */
  void loseAttempts(long item, int attempts) {
    lostAttempts.merge(item, attempts, Integer::sum);
  }

  /** Counts outcomes that are recorded. */
  void count(Outcomes outcomes) {
    tally = tally.plus(outcomes);
    failures = failures.plus(outcomes.errors());
    outcomes.errors().forEach(error -> lostAttempts.remove(error.index()));
  }

  /** Counts outcomes that were remembered. */
  void countCached(Outcomes outcomes) {
    tally = tally.plusCached(outcomes);
  }

  /** Returns the number of the item's next attempt. */
  int attempt(long item) {
    return lostAttempts.getOrDefault(item, 0) + 1;
  }

  /** Returns the outcomes with the right numbers of attempts, which the worker cannot know. */
  Outcomes withAttempts(Outcomes outcomes) {
    if (lostAttempts.isEmpty() || outcomes.errors().isEmpty()) {
      return outcomes;
    }
    var errors = outcomes.errors().stream().map(e -> e.withAttempts(attempt(e.index()))).toList();
    return outcomes.withErrors(errors);
  }

  // ---- the end

  /**
   * The way in which a job ends by itself.
   *
   * @param stopReason why the job ended before all items had run; null if all had run
   * @param error the error of the job itself; null if there is none
   */
  record End(JobState state, @Nullable String stopReason, @Nullable JobError error) {}

  /**
   * Returns how the job ends by itself now; null if it goes on. Cancellations and deadlines are
   * decided elsewhere.
   */
  @Nullable End endsNow() {
    JobError loadError = workerFailures.loadError();
    if (loadError != null) {
      return new End(JobState.FAILED, "functionNotLoaded", loadError);
    }
    JobState state = isOverBudget() ? JobState.FAILED : JobState.SUCCEEDED;
    String early = earlyEnd();
    if (early != null) {
      return new End(state, early, null);
    } else if (stopsOnError()) {
      return new End(JobState.FAILED, "maxFailures", null);
    }
    return isFinished() ? new End(state, null, null) : null;
  }

  /** Closes the job, whose lease is over, and returns its end: cancelled, if items are not done. */
  End abandoned() {
    finalTotal = tally.total();
    End end = isFinished() ? endsNow() : null;
    return new End(end == null ? JobState.CANCELLED : end.state(), "abandoned", null);
  }

  /** Returns the status of the job at its end. */
  JobStatus ended(
      JobState state, @Nullable String stopReason, @Nullable JobError error, Instant at) {
    return JobStatus.builder(state, tally.skipRest())
        .startedAt(startedAt)
        .finishedAt(at)
        .workersUsed(mostSlotsHeld)
        .stopReason(stopReason)
        .error(error)
        .chunkSizes(sizes.sizes())
        .failures(failures)
        .build();
  }

  private boolean isFinished() {
    // A job is not finished while items are missing: CloseInputs may overtake the events that add
    // them.
    return pending.isEmpty()
        && delayed.isEmpty()
        && held.isEmpty()
        && chunksOut == 0
        && finalTotal != null
        && finalTotal == tally.total();
  }

  private boolean isOverBudget() {
    return spec().isExceededBy(tally.failed(), tally.total());
  }

  private boolean stopsOnError() {
    // The percentage is known only once the number of items is known.
    boolean known = spec().maxFailuresPercent() == null || finalTotal != null;
    return spec().onError() == OnError.STOP && known && isOverBudget();
  }

  /** Returns the stop reason if the results end the job early; null if they do not. */
  private @Nullable String earlyEnd() {
    var stopWhen = spec().stopWhen();
    if (stopWhen != null) {
      return tally.matched() >= stopWhen.count() ? "stopWhen" : null;
    }
    return spec().mayStopEarly() && tally.matched() > 0 ? Word.of(spec().reduce()) : null;
  }

  /** Returns whether this failed item has attempts left. If so, one attempt is counted as lost. */
  boolean mayTryAgain(ItemError error) {
    int allowed =
        switch (error.kind()) {
          case ERROR -> spec().retry().error();
          case OOM -> spec().triesOutOfMemoryAgain() ? spec().retry().crash() : 1;
          case TIMEOUT, CRASH, UNSERIALIZABLE -> 1;
        };
    if (attempt(error.index()) >= allowed) {
      return false;
    }
    loseAttempt(error.index());
    return true;
  }

  /** Returns how long an item waits before it is tried again after {@code attempts} attempts. */
  long backoffNanos(int attempts) {
    long first = spec().retry().backoff().toNanos();
    int doublings = Math.min(attempts - 1, 20);
    return first > MOST_BACKOFF_NANOS >> doublings ? MOST_BACKOFF_NANOS : first << doublings;
  }

  JobStatus status() {
    var state = startedAt == null ? JobState.QUEUED : JobState.RUNNING;
    return JobStatus.builder(state, tally)
        .startedAt(startedAt)
        .inputsOpen(finalTotal == null)
        .chunksRunning(slotsHeld)
        .backsOff(pending.isEmpty() && held.isEmpty() && !delayed.isEmpty())
        .workersUsed(mostSlotsHeld)
        .chunkSizes(sizes.sizes())
        .failures(failures)
        .resumption(resumption)
        .build();
  }
}
