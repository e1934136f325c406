package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Live status of unfinished jobs. A job is added when it is accepted. It is removed when its end is
 * durable, or when this service no longer owns the job. From then on, the status is in the store.
 * Safe for use by any thread; the scheduler publishes the status.
 */
public final class JobBoard {
  private final ConcurrentMap<JobId, Entry> entries = new ConcurrentHashMap<>();

  /** Number of entries, including entries that are just being added. */
  private final AtomicInteger size = new AtomicInteger();

  private final SpecBytes specs = new SpecBytes();

  private final BoardChanges changes = new BoardChanges();

  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile Consumer<JobId> ended = job -> {};

  private static final class Entry {
    volatile JobStatus status;

    final BoardChange.Label label;

    /** The number of the newest change of the job; 0 before the job is shown as new. */
    volatile long noted;

    /** Number of items that are known to be stored. The scheduler may not know all of them yet. */
    final AtomicLong items = new AtomicLong();

    /** Whether the inputs are known to be closed. The scheduler may not know this yet. */
    volatile boolean inputsClosed;

    /** Null once the job leaves the board. Guarded by the entry. */
    private SpecBytes.@Nullable Share share;

    /** Whether the job has left the board. The entry stays until all who wait have been told. */
    volatile boolean left;

    /** The next change of the status. */
    final Signal change = new Signal();

    /** The next commit of outcomes. The store's writer fires it. */
    final Signal stored = new Signal();

    /** The next lines in the log of the job. The writer of logs fires it. */
    final Signal printed = new Signal();

    /**
     * Completes when the job leaves the board, mostly because its end is durable. Yields its last
     * status here.
     */
    final CompletableFuture<JobStatus> ended = new CompletableFuture<>();

    /**
     * Completes when a wait for the end must stop: the job has ended, this service no longer owns
     * the job, or the service stops. Yields the last status if it is known to be stored; otherwise
     * empty.
     */
    final CompletableFuture<Optional<JobStatus>> released = new CompletableFuture<>();

    Entry(Job job, SpecBytes.Share share) {
      this.status = job.status();
      this.label =
          new BoardChange.Label(
              job.id(), job.spec().name(), job.spec().function().name(), job.submittedAt());
      this.share = share;
    }

    /** Gives back what the job holds, once. */
    synchronized void leave(AtomicInteger size, SpecBytes specs) {
      if (!left) {
        left = true;
        size.decrementAndGet();
      }
      if (share != null) {
        specs.remove(share);
        share = null;
      }
    }

    JobStatus shown() {
      // Read in this order: a job with closed inputs has all its items.
      JobStatus last = inputsClosed ? status.withInputsClosed() : status;
      return last.withItems(items.get());
    }
  }

  /** Result of adding a job to the board. */
  public enum Room {
    ADDED,
    /** The board has the maximum number of jobs. */
    TOO_MANY,
    /** The code and arguments of the other jobs leave no room for those of this job. */
    TOO_LARGE
  }

  /**
   * Adds an accepted job without a check of the limits. Does nothing if the board has the job.
   * Called at a takeover, and when a job begins.
   *
   * @return whether the board did not have the job; of several callers at once, one gets true
   */
  public boolean add(Job job) {
    if (entries.containsKey(job.id())) {
      return false;
    }
    SpecBytes.Share share = specs.add(job.spec());
    if (entries.putIfAbsent(job.id(), new Entry(job, share)) != null) {
      specs.remove(share);
      return false;
    }
    size.incrementAndGet();
    announce(job.id());
    return true;
  }

  /** Shows a job that is now durable to readers of {@link #changes}. */
  public void announce(JobId id) {
    Entry entry = entry(id);
    if (entry != null) {
      entry.noted = changes.changed(entry.label, 0);
    }
  }

  /** Shows readers of {@link #changes} that a job was deleted. */
  public void deleted(JobId id) {
    changes.deleted(id);
  }

  /** Returns the order in which jobs have changed. */
  public BoardChanges changes() {
    return changes;
  }

  /**
   * Adds a new job. Called before the durable submission is answered, so that no client finds the
   * job missing.
   *
   * <p>While no other job holds any memory, the memory of a job is never too large. Otherwise a
   * very large job would never run.
   *
   * @param most how many jobs there may be, with the new one
   * @param mostBytes how much memory their code and arguments may take together
   * @return whether there was room; the limits hold also when several threads call at once
   */
  public Room addWithin(int most, long mostBytes, Job job) {
    if (size.incrementAndGet() > most) {
      size.decrementAndGet();
      return Room.TOO_MANY;
    }
    SpecBytes.Share share = specs.addWithin(mostBytes, job.spec());
    if (share == null) {
      size.decrementAndGet();
      return Room.TOO_LARGE;
    }
    if (entries.putIfAbsent(job.id(), new Entry(job, share)) != null) {
      size.decrementAndGet();
      specs.remove(share);
    }
    return Room.ADDED;
  }

  void publish(JobId id, JobStatus status) {
    Entry entry = entry(id);
    if (entry != null) {
      entry.status = status;
      changed(entry);
    }
  }

  /** Shows that a job has at least this many items. */
  void appended(JobId id, long total) {
    Entry entry = entry(id);
    if (entry != null) {
      entry.items.accumulateAndGet(total, Math::max);
      changed(entry);
    }
  }

  /** Shows that a job has this many items, and gets no more. */
  void inputsClosed(JobId id, long total) {
    Entry entry = entry(id);
    if (entry != null) {
      entry.items.accumulateAndGet(total, Math::max);
      entry.inputsClosed = true;
      changed(entry);
    }
  }

  /**
   * Removes a job, and completes all waits for its end. Readers who waited look for the last status
   * in the store.
   */
  public void remove(JobId id, JobStatus last) {
    remove(id, last, false);
  }

  /**
   * Removes a job as {@link #remove(JobId, JobStatus)} does. A caller that gets an error calls once
   * more: each step that was not done is then done, and a step may be done twice.
   *
   * @param isStored whether the last status is known to be stored, so that readers get {@code last}
   */
  void remove(JobId id, JobStatus last, boolean isStored) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.leave(size, specs);
      entry.ended.complete(last);
      entry.released.complete(isStored ? Optional.of(last) : Optional.empty());
      wakeAll(entry);
      if (last.state().isTerminal()) {
        changes.ended(entry.label, last);
        ended.accept(id);
      }
      entries.remove(id, entry);
    }
  }

  /** Returns the entry of a job on the board; null if there is none. */
  private @Nullable Entry entry(JobId id) {
    Entry entry = entries.get(id);
    return entry == null || entry.left ? null : entry;
  }

  /**
   * Removes a job that another service owns now. No listener is notified of an end, and clients
   * that wait read the job from the store.
   */
  void drop(JobId id) {
    status(id).ifPresent(last -> remove(id, last)); // the board has no status of an ended job
  }

  /** Removes all jobs as {@link #drop} does. */
  public void clear() {
    entries.keySet().forEach(this::drop);
  }

  /**
   * Sets the only listener to ends of jobs, before the first job is added. An end counts once it is
   * durable, or certain not to be stored. The thread that removes a job calls the listener, which
   * must return at once.
   */
  public void onEnd(Consumer<JobId> listener) {
    ended = listener;
  }

  private void changed(Entry entry) {
    long noted = entry.noted;
    if (noted > 0) {
      entry.noted = changes.changed(entry.label, noted);
    }
    entry.change.fire();
  }

  private static void wakeAll(Entry entry) {
    entry.change.fire();
    entry.stored.fire();
    entry.printed.fire();
  }

  /** Wakes the readers of the log, because there are more lines of the job. */
  public void printed(JobId id) {
    Entry entry = entry(id);
    if (entry != null) {
      entry.printed.fire();
    }
  }

  /** Wakes the readers of outcomes, because outcomes of the job are now durable. */
  void stored(JobId id) {
    Entry entry = entry(id);
    if (entry != null) {
      entry.stored.fire();
    }
  }

  /**
   * Completes when the job changes after this call, or when the service is about to stop. Completes
   * at once if the job is not on the board. A caller that waits must look at {@link #closed} after
   * this call, not before: then it misses no stop.
   */
  public CompletableFuture<Void> changed(JobId id) {
    return next(id, entry -> entry.change);
  }

  /**
   * Completes when outcomes become durable after this call, or when the job leaves the board. All
   * else is as with {@link #changed}. A status shows outcomes before they are durable, so a reader
   * of outcomes waits for this instead.
   */
  public CompletableFuture<Void> nextStored(JobId id) {
    return next(id, entry -> entry.stored);
  }

  /**
   * Completes when there are more lines in the log of the job, or when the job leaves the board.
   * All else is as with {@link #changed}.
   */
  public CompletableFuture<Void> nextPrinted(JobId id) {
    return next(id, entry -> entry.printed);
  }

  private CompletableFuture<Void> next(JobId id, Function<Entry, Signal> signal) {
    Entry entry = entry(id);
    return entry == null ? CompletableFuture.completedFuture(null) : signal.apply(entry).next();
  }

  /** Completes when the service is about to stop, and waits for jobs must end. */
  public CompletableFuture<Void> closed() {
    return closed;
  }

  /** Completes all waits except those for {@link #ended}, because the service is about to stop. */
  public void close() {
    closed.complete(null);
    for (Entry entry : entries.values()) {
      wakeAll(entry);
      entry.released.complete(Optional.empty());
    }
  }

  /** Returns how many jobs have not ended. */
  public int size() {
    return size.get();
  }

  /** Returns how many unfinished jobs are in each state that has any. */
  public Map<JobState, Integer> countByState() {
    var counts = new EnumMap<JobState, Integer>(JobState.class);
    entries.values().forEach(entry -> counts.merge(entry.status.state(), 1, Integer::sum));
    return counts;
  }

  /** Returns how much memory the code and arguments of unfinished jobs take. */
  public long specBytes() {
    return specs.bytes();
  }

  /**
   * Returns how many items of unfinished jobs have no outcome yet. Jobs with open inputs count only
   * the items that have come.
   */
  public long itemsLeft() {
    return entries.values().stream()
        .map(entry -> entry.shown().tally())
        .mapToLong(tally -> Math.max(0, tally.total() - tally.done()))
        .sum();
  }

  /** Returns the status of an unfinished job; empty if the job has ended or is unknown. */
  public Optional<JobStatus> status(JobId id) {
    return Optional.ofNullable(entry(id)).map(Entry::shown);
  }

  /**
   * Returns a future that completes when the job leaves the board, mostly because its end is
   * durable. Empty if the job is not on the board, because it has ended or never existed.
   */
  public Optional<CompletableFuture<JobStatus>> ended(JobId id) {
    return Optional.ofNullable(entry(id)).map(entry -> entry.ended);
  }

  /**
   * Returns a future that completes when the job leaves the board, or when the service is about to
   * stop. Empty if the job is not on the board. The future yields the last status if it is known to
   * be stored; otherwise empty.
   *
   * <p>Any number of callers may give up their wait. Such a wait leaves nothing behind, unlike a
   * wait on a combination of {@link #ended} and {@link #closed}.
   */
  public Optional<CompletableFuture<Optional<JobStatus>>> released(JobId id) {
    Optional<CompletableFuture<Optional<JobStatus>>> released =
        Optional.ofNullable(entry(id)).map(entry -> entry.released);
    if (closed.isDone()) {
      // The job may have been added after the other waits were completed.
      released.ifPresent(late -> late.complete(Optional.empty()));
    }
    return released;
  }
}
