package dev.manyhands.scheduler;

import dev.manyhands.job.Inputs;
import dev.manyhands.job.ItemError;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.JobSpec.OnError;
import dev.manyhands.job.JobState;
import dev.manyhands.job.JobStatus;
import dev.manyhands.job.Outcomes;
import dev.manyhands.job.Tally;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A job that was granted to this node and has not ended. Owned by the scheduler thread. */
final class JobRun {
  private static final long MOST_BACKOFF_NANOS = 24 * 3_600_000_000_000L;

  /** As it was granted, or as a user has changed it since. */
  Job job;

  final long version;
  final PendingItems pending;
  final Delayed delayed = new Delayed();
  final ChunkSizer sizer;
  final SizeLog sizes;

  /** Order of arrival: among equals the older goes first. */
  final long sequence;

  /**
   * When its next chunk is due, in the virtual time of {@link FairQueue}, which alone writes it.
   */
  double virtualStart;

  /** What it counts among those that wait. */
  double waitingWeight;

  Tally tally;

  /** Items that are not to run yet: it is being looked up whether their outcome is known. */
  private long held;

  /** How many items it will have; null while more may come. */
  @Nullable Long finalTotal;

  @Nullable Instant startedAt;

  /** Null where the job starts under this service. */
  private final JobStatus.@Nullable Resumption resumption;

  /** When the job is too old, by the monotonic clock; set at its start if it has a limit. */
  @Nullable Long deadlineNanos;

  /** Slots whose running chunk is the job's. */
  int slotsHeld;

  /** Chunks with slots, queued ones included. */
  int chunksOut;

  int mostSlotsHeld;

  /** Workers that died or did not come up before the function was loaded, since one last did. */
  int startFailures;

  /** Faults of the service that cost the job a worker, since one last reported. */
  int faults;

  boolean ended;

  /** Its items run alone in the service, until one of them is found guilty, or all are done. */
  boolean suspicious;

  /** Attempts that came to nothing, of the few items that had such. */
  private final Map<Long, Integer> lostAttempts = new HashMap<>();

  JobRun(Command.Run run, long sequence, Instant now) {
    this.job = run.job();
    this.version = run.version();
    this.pending =
        new PendingItems(List.of(), run.job().spec().chunking().order(), run.tally().total());
    this.tally = run.tally();
    this.finalTotal = run.job().status().inputsOpen() ? null : Long.valueOf(run.tally().total());
    this.sizer =
        new ChunkSizer(
            spec().chunking(),
            run.tally().total(),
            spec().threads(),
            spec().inputs() instanceof Inputs.Open);
    this.sizes = new SizeLog(run.job().status().chunkSizes());
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

  /** Keeps items back until it is known whether they are to run. */
  void hold(ItemRange items) {
    held += items.count();
  }

  /** What becomes of these items is known now. */
  void unhold(ItemRange items) {
    held -= items.count();
    if (held < 0) {
      throw new IllegalStateException("job " + id() + " did not hold back " + items);
    }
  }

  /** How many of so many slots it may use. */
  int slotLimit(int slots) {
    Integer workers = spec().workers();
    return workers == null ? slots : Math.min(workers, slots);
  }

  /** Notes that one more attempt at the item came to nothing; returns how many did. */
  int loseAttempt(long item) {
    return lostAttempts.merge(item, 1, Integer::sum);
  }

  /** The item has lost this many attempts under earlier services. */
  void loseAttempts(long item, int attempts) {
    lostAttempts.merge(item, attempts, Integer::sum);
  }

  /** The item has its outcome. */
  void forgetAttempts(long item) {
    lostAttempts.remove(item);
  }

  /** The number of the attempt that comes next. */
  int attempt(long item) {
    return lostAttempts.getOrDefault(item, 0) + 1;
  }

  /** The same outcomes, with the attempts that the worker cannot know of. */
  Outcomes withAttempts(Outcomes outcomes) {
    if (lostAttempts.isEmpty() || outcomes.errors().isEmpty()) {
      return outcomes;
    }
    var errors = outcomes.errors().stream().map(e -> e.withAttempts(attempt(e.index()))).toList();
    return outcomes.withErrors(errors);
  }

  boolean isFinished() {
    // Not while it was not told of all its items, when the word that there are no more came first.
    return pending.isEmpty()
        && delayed.isEmpty()
        && held == 0
        && chunksOut == 0
        && finalTotal != null
        && finalTotal == tally.total();
  }

  boolean isOverBudget() {
    return spec().isExceededBy(tally.failed(), tally.total());
  }

  boolean stopsOnError() {
    // A share of the items is known once their number is.
    boolean known = spec().maxFailuresPercent() == null || finalTotal != null;
    return spec().onError() == OnError.STOP && known && isOverBudget();
  }

  /** Whether its results say that it has ended, and in which word; null if they do not. */
  @Nullable String earlyEnd() {
    var stopWhen = spec().stopWhen();
    if (stopWhen != null) {
      return tally.matched() >= stopWhen.count() ? "stopWhen" : null;
    }
    return spec().mayStopEarly() && tally.matched() > 0
        ? spec().reduce().name().toLowerCase(Locale.ROOT)
        : null;
  }

  /** Whether this failed item has attempts left; if so, one is gone. */
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

  /** How long an item waits after so many attempts before it is tried again. */
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
        .workersUsed(mostSlotsHeld)
        .chunkSizes(sizes.sizes())
        .resumption(resumption)
        .build();
  }
}
