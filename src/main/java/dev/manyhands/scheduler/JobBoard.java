package dev.manyhands.scheduler;

import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where users see how far unfinished jobs are. The scheduler says how far, any thread reads; who
 * learns first that a job is to be taken in puts it up, who learns first that its end is durable
 * takes it down. A job is here from its submission until then; then the store has it.
 */
public final class JobBoard {
  private final ConcurrentMap<JobId, Entry> entries = new ConcurrentHashMap<>();

  /** Number of entries, including entries that are just being added. */
  private final AtomicInteger size = new AtomicInteger();

  private final SpecBytes specs = new SpecBytes();

  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile Consumer<JobId> ended = job -> {};

  private static final class Entry {
    volatile JobStatus status;

    /** Items that are known to be stored, which the scheduler may not have heard of yet. */
    final AtomicLong items = new AtomicLong();

    /** Whether the inputs are known to be closed. The scheduler may not know this yet. */
    volatile boolean inputsClosed;

    final SpecBytes.Share share;

    /** Completes at the next change; made when somebody asks for it. */
    final AtomicReference<@Nullable CompletableFuture<Void>> change = new AtomicReference<>();

    /** Completes when the end of the job is durable; yields the last status. */
    final CompletableFuture<JobStatus> ended = new CompletableFuture<>();

    /** Completes when nobody should wait for the end any longer: it is there, or we stop. */
    final CompletableFuture<Optional<JobStatus>> released = new CompletableFuture<>();

    Entry(JobStatus status, SpecBytes.Share share) {
      this.status = status;
      this.share = share;
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
    /** There are as many jobs as there may be. */
    TOO_MANY,
    /** Their code and arguments leave no room for those of the job. */
    TOO_LARGE
  }

  /** Puts up a job that was accepted before, however many there are and however large. */
  public void add(Job job) {
    if (entries.containsKey(job.id())) {
      return;
    }
    SpecBytes.Share share = specs.add(job.spec());
    if (entries.putIfAbsent(job.id(), new Entry(job.status(), share)) == null) {
      size.incrementAndGet();
    } else {
      specs.remove(share);
    }
  }

  /**
   * Adds a new job. Called before the durable submission is answered, so that no client finds the
   * job missing.
   *
   * <p>A job always fits while no other job holds any memory. Otherwise a very large job would
   * never fit.
   *
   * @param most how many jobs there may be
   * @param mostBytes how much memory their code and arguments may take together
   * @return whether the job was added; exact also when several threads call at once
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
    if (entries.putIfAbsent(job.id(), new Entry(job.status(), share)) != null) {
      size.decrementAndGet();
      specs.remove(share);
    }
    return Room.ADDED;
  }

  void publish(JobId id, JobStatus status) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.status = status;
      wake(entry);
    }
  }

  /** Shows that a job has at least this many items. */
  void appended(JobId id, long total) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.items.accumulateAndGet(total, Math::max);
      wake(entry);
    }
  }

  /** Shows that a job has this many items, and gets no more. */
  void inputsClosed(JobId id, long total) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.items.accumulateAndGet(total, Math::max);
      entry.inputsClosed = true;
      wake(entry);
    }
  }

  /** Takes a job down, which wakes all who wait for it. */
  public void remove(JobId id, JobStatus last) {
    remove(id, last, false);
  }

  /**
   * The same.
   *
   * @param isStored whether the last status is in the store
   */
  void remove(JobId id, JobStatus last, boolean isStored) {
    Entry entry = entries.remove(id);
    if (entry != null) {
      size.decrementAndGet();
      specs.remove(entry.share);
      entry.ended.complete(last);
      entry.released.complete(isStored ? Optional.of(last) : Optional.empty());
      wake(entry);
      if (last.state().isTerminal()) {
        ended.accept(id);
      }
    }
  }

  /**
   * Removes a job that another service owns now. No listener is notified of an end, and clients
   * that wait read the job from the store.
   */
  void drop(JobId id) {
    status(id).ifPresent(last -> remove(id, last)); // a status on the board is of no end
  }

  /** Removes all jobs as {@link #drop} does. */
  public void clear() {
    entries.keySet().forEach(this::drop);
  }

  /**
   * Has somebody told of every job whose end is durable, in the thread that takes it down: must
   * return at once. One only; to be set before the first job comes.
   */
  public void onEnd(Consumer<JobId> listener) {
    ended = listener;
  }

  private static void wake(Entry entry) {
    CompletableFuture<Void> waited = entry.change.getAndSet(null);
    if (waited != null) {
      waited.complete(null);
    }
  }

  /**
   * Completes when the job changes after this call, or when the service is about to stop. Completes
   * at once if the job is not on the board. A caller that waits must look at {@link #closed} after
   * this call, not before: then it misses no stop.
   */
  public CompletableFuture<Void> changed(JobId id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return CompletableFuture.completedFuture(null);
    }
    while (true) {
      CompletableFuture<Void> waited = entry.change.get();
      if (waited != null) {
        return waited;
      }
      entry.change.compareAndSet(null, new CompletableFuture<>());
    }
  }

  /** Completes when the service is about to stop: nobody should wait for a job any longer. */
  public CompletableFuture<Void> closed() {
    return closed;
  }

  /** Lets all who wait go. */
  public void close() {
    closed.complete(null);
    for (Entry entry : entries.values()) {
      wake(entry);
      entry.released.complete(Optional.empty());
    }
  }

  /** How many jobs have not ended. */
  public int size() {
    return size.get();
  }

  /** How much memory the code and arguments of unfinished jobs take. */
  public long specBytes() {
    return specs.bytes();
  }

  /** How many items of unfinished jobs have no outcome yet, of open jobs those that have come. */
  public long itemsLeft() {
    return entries.values().stream()
        .map(entry -> entry.shown().tally())
        .mapToLong(tally -> Math.max(0, tally.total() - tally.done()))
        .sum();
  }

  /** How far an unfinished job is; nothing for one that has ended or is unknown. */
  public Optional<JobStatus> status(JobId id) {
    return Optional.ofNullable(entries.get(id)).map(Entry::shown);
  }

  /**
   * Completes when the job has ended, durably; nothing if it is not here, so that it has, or never
   * was.
   */
  public Optional<CompletableFuture<JobStatus>> ended(JobId id) {
    return Optional.ofNullable(entries.get(id)).map(entry -> entry.ended);
  }

  /**
   * Completes when the job has ended, durably, and when the service is about to stop; nothing if it
   * is not here. For any number of waits that give up: each leaves nothing behind, as it would on a
   * combination of {@link #ended} and {@link #closed}. Yields the last status if that is in the
   * store.
   */
  public Optional<CompletableFuture<Optional<JobStatus>>> released(JobId id) {
    Optional<CompletableFuture<Optional<JobStatus>>> released =
        Optional.ofNullable(entries.get(id)).map(entry -> entry.released);
    if (closed.isDone()) {
      // It may have come after the others were released.
      released.ifPresent(late -> late.complete(Optional.empty()));
    }
    return released;
  }
}
