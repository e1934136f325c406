package dev.manyhands.engine.memo;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.MemoStore;
import dev.manyhands.store.MemoStore.Total;
import dev.manyhands.store.MemoStore.Value;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores computed values and evicts the least recently used ones above the size limit. Confined to
 * the memo thread, except for methods documented for any thread.
 */
final class Learning {
  private static final Logger log = LoggerFactory.getLogger(Learning.class);

  /**
   * Values in one write: enough to share a commit, and few enough not to delay the writes of jobs.
   */
  private static final int WRITE_VALUES = 512;

  private static final int EVICT_AT_ONCE = 1_024;

  private final MemoSettings settings;
  private final MemoStore store;
  private final ItemSource source;
  private final MemoListener listener;
  private final Clock clock;
  private final Executor thread;

  /** The size of the memo after the last write. Read by any thread. */
  private volatile Total total = new Total(0, 0);

  /** Completes when the last write, and every write before it, is done. */
  private CompletableFuture<?> lastWrite = CompletableFuture.completedFuture(null);

  private final ItemCosts costs = new ItemCosts();

  private boolean evicting;

  /**
   * The job whose keys are in {@code keys}. They are kept because the parts that all items share
   * may be long.
   */
  private @Nullable Job keysOf;

  private @Nullable ItemKeys keys;

  Learning(
      MemoSettings settings,
      MemoStore store,
      ItemSource source,
      MemoListener listener,
      Clock clock,
      Executor thread) {
    this.settings = settings;
    this.store = store;
    this.source = source;
    this.listener = listener;
    this.clock = clock;
    this.thread = thread;
  }

  void start() {
    total = store.total();
    thread.execute(this::keepWithin);
  }

  Total total() {
    return total;
  }

  ItemCosts costs() {
    return costs;
  }

  /** Called by any thread; see {@link Memo#learn}. */
  CompletableFuture<Void> learn(Job job, Outcomes outcomes) {
    return CompletableFuture.completedFuture(outcomes)
        .thenComposeAsync(taken -> write(job, taken), thread)
        .exceptionally(failure -> {
          long items = outcomes.items().count() - outcomes.errors().size();
          listener.failed(items);
          log.debug("{} items of job {} were not remembered", items, job.id(), failure);
          return null;
        });
  }

  /**
   * Waits until all earlier values are on disk or have failed to be stored, so that a lookup finds
   * them.
   */
  void awaitWrites() {
    lastWrite.join();
  }

  private CompletableFuture<Void> write(Job job, Outcomes outcomes) {
    costs.ran(job.spec().function().digest(), outcomes.items(), outcomes.cost().run());
    byte[] values = outcomes.uncombined();
    if (values == null && job.spec().reduce() != Reduce.LIST) {
      return CompletableFuture.completedFuture(null);
    }
    var writes = new ArrayList<CompletableFuture<?>>();
    var some = new ArrayList<Value>();
    for (Value value : values(job, outcomes, values == null ? outcomes.values() : values)) {
      some.add(value);
      if (some.size() == WRITE_VALUES) {
        writes.add(add(job, some));
        some.clear();
      }
    }
    if (!some.isEmpty()) {
      writes.add(add(job, some));
    }
    return CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new));
  }

  private CompletableFuture<?> add(Job job, List<Value> values) {
    var added = store.add(job.id(), List.copyOf(values), clock.instant());
    lastWrite = added.handle((left, failure) -> null);
    CompletableFuture<?> _ = added.thenAcceptAsync(this::tookIn, thread);
    return added;
  }

  private List<Value> values(Job job, Outcomes outcomes, byte[] joined) {
    ItemRange all = outcomes.items();
    Set<Long> failed = outcomes.errors().stream().map(ItemError::index).collect(Collectors.toSet());
    var values = JoinedValues.stored(joined, Math.toIntExact(all.count()));
    var found = new ArrayList<Value>();
    long next = all.first();
    while (next < all.end()) {
      var some = KeyedItems.read(source, job, new ItemRange(next, all.end()), keysOf(job));
      for (var key : some.keys()) {
        int at = (int) (next - all.first());
        int length = values.end(at) - values.start(at);
        if (length <= settings.maxValueBytes() && !failed.contains(next)) {
          byte[] value = Arrays.copyOfRange(values.bytes(), values.start(at), values.end(at));
          found.add(new Value(key, value, next));
        }
        next++;
      }
    }
    return found;
  }

  private ItemKeys keysOf(Job job) {
    if (keys == null || keysOf == null || !keysOf.id().equals(job.id())) {
      keys = ItemKeys.of(job.spec());
      keysOf = job;
    }
    return keys;
  }

  private void tookIn(Total left) {
    total = left;
    keepWithin();
  }

  private void keepWithin() {
    if (evicting || total.bytes() <= settings.maxBytes()) {
      return;
    }
    evicting = true;
    Total before = total;
    CompletableFuture<?> _ =
        store
            .evict(EVICT_AT_ONCE)
            .whenCompleteAsync(
                (left, failure) -> {
                  evicting = false;
                  if (failure != null) {
                    // The next write tries again.
                    log.debug("nothing was evicted", failure);
                    return;
                  }
                  listener.evicted(before.entries() - left.entries());
                  tookIn(left);
                },
                thread);
  }
}
