package dev.manyhands.engine.shared;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one set that wait, by object, in the order in which they came. Guarded by the set.
 */
final class Waits {
  private final Map<String, Deque<Waiting>> byObject = new HashMap<>();

  /** A call that waits. Two calls are never equal, because one worker may make a call twice. */
  static final class Waiting {
    final long caller;
    final long chunk;
    final SharedCall call;
    final Consumer<SharedAnswer> later;
    private final @Nullable CompletableFuture<?> over;

    /**
     * @param caller the worker; negative for a caller outside of all workers
     * @param chunk the chunk of the item that calls
     * @param later gets the answer
     * @param over completes at the end of the call's patience; null for a call without an end
     */
    Waiting(
        long caller,
        long chunk,
        SharedCall call,
        Consumer<SharedAnswer> later,
        @Nullable CompletableFuture<?> over) {
      this.over = over;
      this.caller = caller;
      this.chunk = chunk;
      this.call = call;
      this.later = later;
    }
  }

  /** Returns a future that completes after this number of seconds, and that can be cancelled. */
  interface Timer {
    CompletableFuture<?> after(double seconds);
  }

  void add(Waiting waiting) {
    byObject.computeIfAbsent(waiting.call.object(), name -> new ArrayDeque<>()).add(waiting);
  }

  /** Returns whether calls of the same kind wait already, so that this one must not pass them. */
  boolean hasBefore(SharedCall call) {
    Waiting first = first(call.object());
    return first != null && first.call.operation().equals(call.operation());
  }

  @Nullable Waiting first(String object) {
    Deque<Waiting> waiting = byObject.get(object);
    return waiting == null ? null : waiting.peek();
  }

  /** Removes a call; returns whether it was there. */
  boolean remove(Waiting waiting) {
    return !removeAll(waiting::equals).isEmpty();
  }

  List<Waiting> removeAll(Predicate<Waiting> which) {
    var gone = new ArrayList<Waiting>();
    byObject
        .values()
        .forEach(calls ->
            calls.removeIf(waiting -> {
              boolean goes = which.test(waiting);
              if (goes) {
                gone.add(waiting);
              }
              return goes;
            }));
    byObject.values().removeIf(Deque::isEmpty);
    for (Waiting waiting : gone) {
      if (waiting.over != null) {
        waiting.over.cancel(false); // the timer of a long wait would stay for long
      }
    }
    return gone;
  }

  Set<Long> callers() {
    var callers = new HashSet<Long>();
    byObject.values().forEach(calls -> calls.forEach(waiting -> callers.add(waiting.caller)));
    return callers;
  }

  int count(String object) {
    Deque<Waiting> waiting = byObject.get(object);
    return waiting == null ? 0 : waiting.size();
  }
}
