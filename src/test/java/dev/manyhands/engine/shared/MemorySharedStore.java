package dev.manyhands.engine.shared;

import dev.manyhands.model.SharedSetId;
import dev.manyhands.store.SharedStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Stores shared objects in memory. Writes are done when the test commits. */
final class MemorySharedStore implements SharedStore {
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Deque<Write> queue = new ArrayDeque<>();
  int reads;

  private record Write(Supplier<List<Change>> changes, CompletableFuture<Void> done) {}

  @Override
  public List<Entry> read(SharedSetId job) {
    reads++;
    var all = new ArrayList<>(entries.values());
    all.sort(Comparator.comparing(Entry::object).thenComparingLong(Entry::place));
    return all;
  }

  @Override
  public CompletableFuture<Void> write(
      SharedSetId job, long bytes, Supplier<List<Change>> changes) {
    var write = new Write(changes, new CompletableFuture<>());
    queue.add(write);
    return write.done();
  }

  /** Does all writes that wait; returns how many changes they had. */
  int commit() {
    int count = 0;
    for (Write write = queue.poll(); write != null; write = queue.poll()) {
      write.changes().get(); // an attempt that is rolled back
      for (Change change : write.changes().get()) {
        String id = change.object() + " " + change.key();
        count++;
        if (change.value() == null) {
          entries.remove(id);
        } else {
          entries.put(id, new Entry(change.object(), change.key(), change.place(), change.value()));
        }
      }
      write.done().complete(null);
    }
    return count;
  }

  void fail() {
    queue.remove().done().completeExceptionally(new IllegalStateException("refused"));
  }

  int queued() {
    return queue.size();
  }

  int size() {
    return entries.size();
  }
}
