package dev.manyhands.engine.shared;

import dev.manyhands.model.JobId;
import dev.manyhands.store.SharedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared objects of one job, or of jobs that use one set. Safe for use by any thread; this
 * object's monitor guards all state, and is never held while a caller is answered.
 *
 * <p>Each call is atomic. Calls that wait for an object are served in the order in which they came.
 * A change is queued for the store before the call is answered. It is therefore stored before the
 * outcome of the item that made the call, or in one commit with it.
 */
public final class SharedSet {
  private static final Logger log = LoggerFactory.getLogger(SharedSet.class);

  private static final long OUTSIDE = -1;

  private final SharedDeclaration declaration;
  private final SharedStore store;
  private final Room room;
  private final Waits.Timer timer;
  private final Waits waits = new Waits();
  private final SetWrites writes;
  private DeclaredObjects declared = DeclaredObjects.NONE;

  /** When an item last made a call, or a worker reported outcomes, by the monotonic clock. */
  private long lastActionNanos = System.nanoTime();

  /** When somebody last made a call or had a look, by the monotonic clock. */
  private long lastUseNanos = System.nanoTime();

  /** The workers that may make calls, each with the job that it serves; null before the first. */
  private final Map<Long, @Nullable JobId> workers = new HashMap<>();

  private boolean loaded;
  private boolean ended;

  /** Why no call can be answered; null for no reason. */
  private @Nullable SharedFault broken;

  SharedSet(SharedDeclaration declaration, SharedStore store, Room room, Waits.Timer timer) {
    this.declaration = declaration;
    this.writes = new SetWrites(declaration, store, this);
    this.store = store;
    this.room = room;
    this.timer = timer;
  }

  /**
   * Reads the state, if that has not happened yet. Blocks for the store.
   *
   * @param pages the directory of the pages; null for a job that has ended
   * @throws UncheckedIOException if the page of the job cannot be made
   */
  synchronized void load(@Nullable Path pages) {
    if (loaded || ended) {
      return;
    }
    List<SharedStore.Entry> stored = store.read(declaration.id());
    if (stored.isEmpty() && declaration.owner() == null) {
      ended = true; // the set is deleted: its first state was stored with it
      return;
    }
    try {
      declared = DeclaredObjects.make(declaration, room, writes.changes(), pages);
    } catch (IOException e) {
      throw new UncheckedIOException("the page of shared objects cannot be made", e);
    }
    if (stored.isEmpty()) {
      declared.begin(writes.changes(), room);
    } else {
      declared.restore(stored);
    }
    loaded = true;
  }

  /** Returns whether the state was read. A job that ended before has no state here. */
  synchronized boolean isLoaded() {
    return loaded;
  }

  /** Returns the file that workers map; null if no object of the job needs one. */
  public synchronized @Nullable Path page() {
    return declared.page() == null ? null : declared.page().path();
  }

  /** Returns the objects as workers get to know them, in the order of their declaration. */
  public synchronized List<DescribedObject> described() {
    return declared.described();
  }

  /**
   * Makes a call.
   *
   * @param caller the worker; negative for a caller outside of all workers
   * @param chunk the chunk of the item that calls, so that the wait can be stopped with it
   * @param later gets the answer if the call waits; called by any thread, and must not block
   * @return the answer; null if the call waits
   */
  public @Nullable SharedAnswer call(
      long caller, long chunk, SharedCall call, Consumer<SharedAnswer> later) {
    var served = new ArrayList<Runnable>();
    SharedAnswer answer;
    synchronized (this) {
      lastActionNanos = caller == OUTSIDE ? lastActionNanos : System.nanoTime();
      answer = answer(caller, call, served);
      if (answer == null) {
        if (call.patience() != null && call.patience() <= 0) {
          answer = SharedAnswer.LATE;
        } else {
          CompletableFuture<?> over = call.patience() == null ? null : timer.after(call.patience());
          var waiting = new Waits.Waiting(caller, chunk, call, later, over);
          waits.add(waiting);
          if (over != null) {
            CompletableFuture<?> _ = over.thenRunAsync(() -> late(waiting));
          }
        }
      } else if (answer.error() == null) {
        serve(call.object(), served);
      }
      write();
    }
    served.forEach(Runnable::run);
    return answer;
  }

  /** Returns the answer; null if the call has to wait. */
  private @Nullable SharedAnswer answer(long caller, SharedCall call, List<Runnable> served) {
    try {
      if (broken != null || writes.fault() != null) {
        throw broken != null ? broken : writes.fault();
      }
      if (ended && !loaded) {
        return SharedAnswer.ENDED;
      }
      Held object = declared.objects().get(call.object());
      if (object == null) {
        throw SharedFault.unknown(
            declaration.noObject(call.object()) + String.join(", ", declared.objects().keySet()));
      }
      if (ended && object.changes(call.operation())) {
        return SharedAnswer.ENDED;
      }
      if (caller >= 0 && object instanceof HeldWord word && word.isAwaited(call)) {
        waits
            .removeAll(one -> one.caller == caller && one.call.object().equals(call.object()))
            .forEach(one -> served.add(() -> one.later.accept(SharedAnswer.LATE)));
        return SharedAnswer.DONE;
      }
      if (waits.hasBefore(call)) {
        return null;
      }
      return object.call(call.operation(), new Arguments(call.arguments()), caller);
    } catch (SharedFault refused) {
      return refused.answer();
    }
  }

  /** Makes a call of a caller outside of all workers, which does not wait. */
  SharedAnswer callNow(SharedCall call) {
    var now = new SharedCall(call.object(), call.operation(), call.arguments(), 0.0);
    SharedAnswer answer = call(OUTSIDE, 0, now, later -> {});
    if (answer == null) {
      throw new IllegalStateException("a call without a wait has waited");
    }
    return answer;
  }

  /** Serves calls that wait for this object, in their order, as far as they can be served now. */
  private void serve(String object, List<Runnable> served) {
    while (true) {
      Waits.Waiting first = waits.first(object);
      if (first == null) {
        return;
      }
      SharedAnswer answer = answerNow(first);
      if (answer == null) {
        return;
      }
      waits.remove(first);
      served.add(() -> first.later.accept(answer));
    }
  }

  private @Nullable SharedAnswer answerNow(Waits.Waiting waiting) {
    Held object = declared.objects().get(waiting.call.object());
    if (object == null) {
      throw new IllegalStateException("a call waits for nothing");
    }
    try {
      return object.call(
          waiting.call.operation(), new Arguments(waiting.call.arguments()), waiting.caller);
    } catch (SharedFault refused) {
      return refused.answer();
    }
  }

  /** Ends the wait of a call whose time is over. */
  void late(Waits.Waiting waiting) {
    boolean waited;
    synchronized (this) {
      waited = waits.remove(waiting);
    }
    if (waited) {
      waiting.later.accept(SharedAnswer.LATE);
    }
  }

  /** Ends the waits of a worker's items, up to those of this chunk: they are no longer wanted. */
  public void stop(long worker, long throughChunk) {
    List<Waits.Waiting> gone;
    synchronized (this) {
      gone = waits.removeAll(waiting -> waiting.caller == worker && waiting.chunk <= throughChunk);
    }
    gone.forEach(waiting -> waiting.later.accept(SharedAnswer.STOPPED));
  }

  /** Notes a worker that will make calls. The set stays in memory until the worker has left. */
  synchronized void join(long worker) {
    workers.putIfAbsent(worker, null);
  }

  /**
   * Notes the job that a worker serves from now on. The worker gives back what items of an earlier
   * job have left held.
   */
  public void serve(long worker, JobId job) {
    var served = new ArrayList<Runnable>();
    synchronized (this) {
      JobId before = workers.put(worker, job);
      if (before != null && !before.equals(job)) {
        giveBack(List.of(worker), served);
      }
    }
    served.forEach(Runnable::run);
  }

  /** Gives back what a worker holds that has ended. */
  public void leave(long worker) {
    var served = new ArrayList<Runnable>();
    synchronized (this) {
      look(); // its last changes to values
      workers.remove(worker);
      waits.removeAll(waiting -> waiting.caller == worker); // it reads no answers any more
      giveBack(List.of(worker), served);
    }
    served.forEach(Runnable::run);
  }

  /**
   * Ends the calls of a job that has ended, and gives back what its items have left held. Other
   * jobs go on.
   */
  void end(JobId job) {
    var served = new ArrayList<Runnable>();
    synchronized (this) {
      var its = workers.keySet().stream().filter(one -> job.equals(workers.get(one))).toList();
      giveBack(its, served);
    }
    served.forEach(Runnable::run);
  }

  private void giveBack(List<Long> from, List<Runnable> served) {
    waits
        .removeAll(waiting -> from.contains(waiting.caller))
        .forEach(waiting -> served.add(() -> waiting.later.accept(SharedAnswer.STOPPED)));
    declared.objects().values().forEach(object -> from.forEach(object::leave));
    declared.objects().keySet().forEach(name -> serve(name, served));
    write();
  }

  /**
   * Ends the set in memory, if nobody uses it and the store has its state.
   *
   * @param idle how long nobody must have used it
   * @return whether the set has ended
   */
  synchronized boolean rest(Duration idle) {
    if (!workers.isEmpty() || System.nanoTime() - lastUseNanos < idle.toNanos()) {
      return false;
    }
    look();
    if (!writes.areDone()) {
      return false;
    }
    end();
    return true;
  }

  /** Notes a use, so that the set does not rest before the use. */
  synchronized void use() {
    lastUseNanos = System.nanoTime();
  }

  /** Looks for changes that workers have made in the page, and queues them for the store. */
  public synchronized void look() {
    lastActionNanos = System.nanoTime();
    if (declared.page() == null || ended) {
      return;
    }
    try {
      for (Held object : declared.objects().values()) {
        if (object instanceof HeldWord word) {
          word.look();
        }
      }
    } catch (SharedFault lost) {
      if (broken == null) {
        log.warn("{}: {}", declaration, lost.getMessage());
        broken = lost;
      }
    }
    write();
  }

  /** Ends all calls: the job has ended. Its state is in the store, or on the way there. */
  void end() {
    look(); // while the page is there
    List<Waits.Waiting> gone;
    synchronized (this) {
      ended = true;
      gone = waits.removeAll(waiting -> true);
      room.close();
      if (declared.page() != null) {
        declared.page().close();
      }
    }
    gone.forEach(waiting -> waiting.later.accept(SharedAnswer.ENDED));
  }

  synchronized SharedWaits waits(long nowNanos) {
    var calls = new LinkedHashMap<String, Integer>();
    for (String name : declared.objects().keySet()) {
      int count = waits.count(name);
      if (count > 0) {
        calls.put(name, count);
      }
    }
    var silence = Duration.ofNanos(nowNanos - lastActionNanos);
    return new SharedWaits(waits.callers(), calls, silence);
  }

  synchronized List<SharedSummary> summaries() {
    return declared.objects().values().stream().map(this::summary).toList();
  }

  synchronized SharedContent content(String name, long offset, int limit) {
    Held object = declared.objects().get(name);
    if (object == null) {
      throw new IllegalArgumentException("there is no shared object " + name);
    }
    var entries = object.entries(offset, limit);
    Long length = object.length();
    long next = offset + entries.size();
    boolean isMore = length != null && !entries.isEmpty() && next < length;
    return new SharedContent(summary(object), entries, isMore ? next : null);
  }

  private SharedSummary summary(Held object) {
    var word = object instanceof HeldWord one ? one : null;
    return new SharedSummary(
        object.name,
        declared.kindOf(object.name),
        word == null ? null : word.value(),
        object.length(),
        object.bytes(),
        waits.count(object.name),
        word == null ? null : holder(word.holder()),
        writes.changes().count(object.name));
  }

  /** Adds the job of the holder. Jobs of one set have items with equal indexes. */
  private SharedSummary.@Nullable Holder holder(SharedSummary.@Nullable Holder written) {
    return written == null ? null : written.withJob(workers.get(written.worker()));
  }

  private void write() {
    if (!ended) {
      writes.begin();
    }
  }
}
