package dev.manyhands.engine.shared;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.store.SharedStore;
import dev.manyhands.store.SharedStore.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The shared objects of all jobs that have not ended, and of the sets that are in use, in memory;
 * those of ended jobs are in the store. Safe for use by any thread.
 */
public final class SharedSets implements SharedObjects {
  /** Sets of ended jobs are read into memory for one request; more at once might not fit. */
  private static final int MOST_READ_AT_ONCE = 2;

  private static final double MOST_WAIT_SECONDS = 365.0 * 24 * 3600;

  /** How long a set that was created alone stays in memory after its last use. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final SharedStore store;
  private final Path pages;
  private final long mostBytes;
  private final Predicate<JobId> isLive;
  private final AtomicLong bytes = new AtomicLong();
  private final Semaphore reading = new Semaphore(MOST_READ_AT_ONCE);

  /** Sets that one job declares. */
  private final ConcurrentMap<SharedSetId, SharedSet> ofJobs = new ConcurrentHashMap<>();

  /** Sets that were created alone. */
  private final ConcurrentMap<SharedSetId, SharedSet> alone = new ConcurrentHashMap<>();

  /**
   * @param pages the directory for the pages that workers map; no worker may change it
   * @param mostBytes limit for the bytes that the objects of one set hold
   * @param isLive whether a job has not ended
   */
  public SharedSets(SharedStore store, Path pages, long mostBytes, Predicate<JobId> isLive) {
    this.store = store;
    this.pages = pages.toAbsolutePath(); // workers have directories of their own
    this.mostBytes = mostBytes;
    this.isLive = isLive;
  }

  /** Returns the entries of the store for objects in their first state. */
  public static List<Change> firstState(Map<String, SharedObject> objects, SharedSetId id) {
    var changes = new Unwritten();
    var room = new Room(Long.MAX_VALUE, new AtomicLong(), Long.MAX_VALUE);
    try {
      DeclaredObjects.make(new SharedDeclaration(id, null, objects), room, changes, null)
          .begin(changes, room);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no page
    }
    return changes.drain();
  }

  /**
   * Returns the objects of a job that has not ended, for a worker that will make calls until it
   * leaves. Blocks for a read at the first time. If the job ends meanwhile, its objects answer that
   * it has ended.
   *
   * @throws UncheckedIOException if the page of the set cannot be made
   */
  public SharedSet opened(Job job, long worker) {
    var set = live(SharedDeclaration.of(job), one -> one.join(worker));
    try {
      set.load(pages);
    } catch (Throwable notMade) {
      set.leave(worker);
      throw notMade;
    }
    if (!isLive.test(job.id())) {
      end(job.id());
    }
    return set;
  }

  /**
   * @param use called before the set can be taken out of memory
   */
  private SharedSet live(SharedDeclaration declaration, Consumer<SharedSet> use) {
    return (declaration.owner() == null ? alone : ofJobs)
        .compute(
            declaration.id(),
            (id, known) -> {
              var set = known == null ? newSet(declaration) : known;
              use.accept(set);
              return set;
            });
  }

  private SharedSet newSet(SharedDeclaration declaration) {
    var room = new Room(mostBytes, bytes, Runtime.getRuntime().maxMemory() / 8);
    return new SharedSet(declaration, store, room, SharedSets::after);
  }

  private static CompletableFuture<?> after(double seconds) {
    long millis = (long) (1_000 * Math.clamp(seconds, 0.0, MOST_WAIT_SECONDS));
    return new CompletableFuture<Void>().completeOnTimeout(null, millis, TimeUnit.MILLISECONDS);
  }

  /** Ends all calls of a job, which has ended, and the objects that it has alone. */
  public void end(JobId job) {
    SharedSet own = ofJobs.remove(SharedSetId.of(job));
    if (own != null) {
      own.end();
    }
    alone.values().forEach(set -> set.end(job));
  }

  /** Ends all calls to the objects of a set that was created alone. The set is deleted. */
  public void end(SharedSetId id) {
    SharedSet set = alone.remove(id);
    if (set != null) {
      set.end();
    }
  }

  /** Takes sets out of memory that nobody has used for a time, and that the store has. */
  public void rest() {
    alone
        .keySet()
        .forEach(id -> alone.computeIfPresent(id, (same, set) -> set.rest(IDLE) ? null : set));
  }

  @Override
  public List<SharedSummary> of(SharedDeclaration set) {
    return set.objects().isEmpty() ? List.of() : with(set, SharedSet::summaries);
  }

  @Override
  public SharedContent content(SharedDeclaration set, String name, long offset, int limit) {
    return with(set, one -> one.content(name, offset, limit));
  }

  @Override
  public SharedWaits waits(Job job) {
    SharedSet set = (job.spec().sharedSet() == null ? ofJobs : alone).get(job.sharedSet());
    return set == null ? SharedWaits.NONE : set.waits(System.nanoTime());
  }

  @Override
  public SharedAnswer call(SharedDeclaration set, SharedCall call) {
    return with(set, one -> one.callNow(call));
  }

  private <T> T with(SharedDeclaration declaration, Function<SharedSet, T> task) {
    if (declaration.objects().isEmpty()) {
      throw new IllegalArgumentException("no shared objects are declared");
    }
    JobId owner = declaration.owner();
    if (owner == null || isLive.test(owner)) {
      SharedSet live = live(declaration, SharedSet::use);
      live.load(pages);
      if (owner != null && !isLive.test(owner)) {
        end(owner);
      }
      if (live.isLoaded()) {
        return task.apply(live);
      }
      if (owner == null) {
        alone.remove(declaration.id(), live);
        throw new SharedSetGoneException(declaration);
      }
    }
    reading.acquireUninterruptibly();
    try {
      return task.apply(stored(declaration));
    } finally {
      reading.release();
    }
  }

  /** Returns the objects of a job that has ended, as they are in the store. */
  private SharedSet stored(SharedDeclaration declaration) {
    var room = new Room(Long.MAX_VALUE, new AtomicLong(), Long.MAX_VALUE);
    var set = new SharedSet(declaration, store, room, SharedSets::after);
    set.load(null);
    set.end();
    return set;
  }
}
