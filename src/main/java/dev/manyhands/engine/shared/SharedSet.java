package dev.manyhands.engine.shared;

import dev.manyhands.model.Job;
import dev.manyhands.store.SharedStore;
import dev.manyhands.store.SharedStore.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared objects of one job. Safe for use by any thread; this object's monitor guards all
 * state, and is never held while a caller is answered.
 *
 * <p>Each call is atomic. Calls that wait for an object are served in the order in which they came.
 * A change is queued for the store before the call is answered. It is therefore stored before the
 * outcome of the item that made the call, or in one commit with it.
 */
public final class SharedSet {
  private static final Logger log = LoggerFactory.getLogger(SharedSet.class);

  /** The entry of the store that marks that there is a state. */
  private static final String MARK = "";

  private static final long OUTSIDE = -1;

  private final Job job;
  private final SharedStore store;
  private final Room room;
  private final Waits.Timer timer;
  private final Waits waits = new Waits();
  private final Unwritten unwritten = new Unwritten();
  private DeclaredObjects declared = DeclaredObjects.NONE;

  /** When an item last made a call, or a worker reported outcomes, by the monotonic clock. */
  private long lastActionNanos = System.nanoTime();

  private boolean loaded;
  private boolean ended;

  /** Whether a write is queued that will take the changes of now. */
  private boolean writing;

  /** Why no call can be answered; null for no reason. */
  private @Nullable SharedFault broken;

  SharedSet(Job job, SharedStore store, Room room, Waits.Timer timer) {
    this.job = job;
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
    List<SharedStore.Entry> stored = store.read(job.id());
    try {
      declared = DeclaredObjects.make(job, room, unwritten, pages);
    } catch (IOException e) {
      throw new UncheckedIOException("the page of shared objects cannot be made", e);
    }
    if (stored.isEmpty()) {
      unwritten.add(MARK, MARK, 0, new byte[] {'1'});
      room.withoutBounds(declared::begin);
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
      writeChanges();
    }
    served.forEach(Runnable::run);
    return answer;
  }

  /** Returns the answer; null if the call has to wait. */
  private @Nullable SharedAnswer answer(long caller, SharedCall call, List<Runnable> served) {
    try {
      if (broken != null) {
        throw broken;
      }
      if (ended && !loaded) {
        return SharedAnswer.ENDED;
      }
      Held object = declared.objects().get(call.object());
      if (object == null) {
        throw SharedFault.unknown(
            "the job declares no shared object '"
                + call.object()
                + "'; it declares "
                + String.join(", ", declared.objects().keySet()));
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

  /** Gives back what a worker holds that has ended. */
  public void leave(long worker) {
    var served = new ArrayList<Runnable>();
    synchronized (this) {
      waits.removeAll(waiting -> waiting.caller == worker);
      declared.objects().values().forEach(object -> object.leave(worker));
      declared.objects().keySet().forEach(name -> serve(name, served));
      writeChanges();
    }
    served.forEach(Runnable::run);
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
        log.warn("job {}: {}", job.id(), lost.getMessage());
        broken = lost;
      }
    }
    writeChanges();
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
        word == null ? null : word.holder());
  }

  // ---- the store

  private void writeChanges() {
    if (!unwritten.isEmpty() && !writing && !ended) {
      writing = true;
      CompletableFuture<?> _ =
          store
              .write(job.id(), unwritten.bytes(), new Taken())
              .exceptionally(failure -> {
                notWritten(failure);
                return null;
              });
    }
  }

  private synchronized void notWritten(Throwable failure) {
    log.error("the shared objects of job {} were not stored", job.id(), failure);
    broken = SharedFault.failed("the state of the shared objects could not be stored");
  }

  /** The changes of one write. They are taken when the writer first asks for them. */
  private final class Taken implements Supplier<List<Change>> {
    private @Nullable List<Change> changes;

    @Override
    public List<Change> get() {
      synchronized (SharedSet.this) {
        if (changes == null) {
          changes = unwritten.drain();
          writing = false;
        }
        return changes;
      }
    }
  }
}
