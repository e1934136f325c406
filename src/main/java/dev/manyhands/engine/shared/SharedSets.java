package dev.manyhands.engine.shared;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.store.SharedStore;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The shared objects of all jobs that have not ended, in memory, and those of ended jobs in the
 * store. Safe for use by any thread.
 */
public final class SharedSets implements SharedObjects {
  /** Sets of ended jobs are read into memory for one request; more at once might not fit. */
  private static final int MOST_READ_AT_ONCE = 2;

  private static final double MOST_WAIT_SECONDS = 365.0 * 24 * 3600;

  private final SharedStore store;
  private final Path pages;
  private final long mostBytes;
  private final Predicate<JobId> isLive;
  private final AtomicLong bytes = new AtomicLong();
  private final Semaphore reading = new Semaphore(MOST_READ_AT_ONCE);
  private final ConcurrentMap<JobId, SharedSet> sets = new ConcurrentHashMap<>();

  /**
   * @param pages the directory for the pages that workers map; no worker may change it
   * @param mostBytes limit for the bytes that the objects of one job hold
   * @param isLive whether a job has not ended
   */
  public SharedSets(SharedStore store, Path pages, long mostBytes, Predicate<JobId> isLive) {
    this.store = store;
    this.pages = pages.toAbsolutePath(); // workers have directories of their own
    this.mostBytes = mostBytes;
    this.isLive = isLive;
  }

  /**
   * Returns the objects of a job that has not ended. Blocks for a read at the first time. If the
   * job ends meanwhile, its objects answer that it has ended.
   *
   * @throws UncheckedIOException if the page of the job cannot be made
   */
  public SharedSet opened(Job job) {
    var set = sets.computeIfAbsent(job.id(), id -> newSet(job));
    set.load(pages);
    if (!isLive.test(job.id())) {
      end(job.id());
    }
    return set;
  }

  private SharedSet newSet(Job job) {
    var room = new Room(mostBytes, bytes, Runtime.getRuntime().maxMemory() / 8);
    return new SharedSet(job, store, room, SharedSets::after);
  }

  private static CompletableFuture<?> after(double seconds) {
    long millis = (long) (1_000 * Math.clamp(seconds, 0.0, MOST_WAIT_SECONDS));
    return new CompletableFuture<Void>().completeOnTimeout(null, millis, TimeUnit.MILLISECONDS);
  }

  /** Ends all calls to the objects of a job, which has ended. */
  public void end(JobId job) {
    SharedSet set = sets.remove(job);
    if (set != null) {
      set.end();
    }
  }

  @Override
  public List<SharedSummary> of(Job job) {
    return job.spec().shared().isEmpty() ? List.of() : with(job, SharedSet::summaries);
  }

  @Override
  public SharedContent content(Job job, String name, long offset, int limit) {
    return with(job, set -> set.content(name, offset, limit));
  }

  @Override
  public SharedWaits waits(Job job) {
    SharedSet set = sets.get(job.id());
    return set == null ? SharedWaits.NONE : set.waits(System.nanoTime());
  }

  @Override
  public SharedAnswer call(Job job, SharedCall call) {
    return with(job, set -> set.callNow(call));
  }

  private <T> T with(Job job, Function<SharedSet, T> task) {
    if (job.spec().shared().isEmpty()) {
      throw new IllegalArgumentException("the job declares no shared objects");
    }
    SharedSet live = isLive.test(job.id()) ? opened(job) : null;
    if (live != null && live.isLoaded()) {
      return task.apply(live);
    }
    reading.acquireUninterruptibly();
    try {
      return task.apply(stored(job));
    } finally {
      reading.release();
    }
  }

  /** Returns the objects of a job that has ended, as they are in the store. */
  private SharedSet stored(Job job) {
    var room = new Room(Long.MAX_VALUE, new AtomicLong(), Long.MAX_VALUE);
    var set = new SharedSet(job, store, room, SharedSets::after);
    set.load(null);
    set.end();
    return set;
  }
}
