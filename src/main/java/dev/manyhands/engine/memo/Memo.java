package dev.manyhands.engine.memo;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.Outcomes;
import dev.manyhands.store.MemoStore;
import dev.manyhands.store.MemoStore.Total;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the values that functions have returned for items. Safe for use by any thread; the
 * public methods return at once.
 *
 * <p>One thread does all work in the order of the calls, step by step. A job therefore finds every
 * value of a job that ended before it, and a long job does not delay a short one. Items run and are
 * not remembered if the store does not answer. The memo makes no job fail.
 */
public final class Memo implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Memo.class);

  /** A lookup that has reported more bytes than this waits until they are on disk. */
  private static final long MOST_UNSTORED_BYTES = 8L << 20;

  private final MemoSettings settings;
  private final MemoStore store;
  private final ItemSource source;
  private final MemoListener listener;
  private final Clock clock;
  private final Learning learning;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("memo").factory());

  public Memo(
      MemoSettings settings,
      MemoStore store,
      ItemSource source,
      MemoListener listener,
      Clock clock) {
    this.settings = settings;
    this.store = store;
    this.source = source;
    this.listener = listener;
    this.clock = clock;
    this.learning = new Learning(settings, store, source, listener, clock, thread);
  }

  /** Evicts values of an earlier service that exceed the limit of this one. Blocks for a read. */
  public void start() {
    learning.start();
  }

  /** Returns the size of the memo after the last write. */
  public Total total() {
    return learning.total();
  }

  /**
   * Looks up which of these items are known, and reports each item to {@code answers}. All items
   * are released if the memo is off.
   */
  public void lookUp(Job job, long version, List<ItemRange> items, MemoAnswers answers) {
    if (settings.isOn()) {
      var question = new LookUp.Question(job, version, items);
      thread.execute(() -> step(lookUpOf(question, answers)));
    } else {
      items.forEach(range -> answers.release(job.id(), version, range));
    }
  }

  private LookUp lookUpOf(LookUp.Question question, MemoAnswers answers) {
    return new LookUp(question, answers, source, store, learning.costs(), clock);
  }

  private void step(LookUp lookUp) {
    try {
      learning.awaitWrites();
      var step = lookUp.step();
      listener.lookedUp(step.hits(), step.misses());
      if (!step.stale().isEmpty()) {
        noteUse(step);
      }
    } catch (RuntimeException | Error unanswered) {
      long rest = lookUp.giveUp();
      listener.failed(rest);
      log.warn("job {} runs {} items without a look at the memo", lookUp.job(), rest, unanswered);
      return;
    }
    if (lookUp.isDone()) {
      return;
    }
    if (lookUp.unstoredBytes() > MOST_UNSTORED_BYTES) {
      lookUp.settled();
      CompletableFuture<?> _ = lookUp.answers().stored().thenRunAsync(() -> step(lookUp), thread);
    } else {
      thread.execute(() -> step(lookUp));
    }
  }

  private void noteUse(LookUp.Step step) {
    Instant now = clock.instant();
    CompletableFuture<?> _ =
        store
            .touch(step.stale(), now)
            .exceptionally(failure -> {
              log.debug("the use of {} remembered values was not noted", step.stale().size());
              return null;
            });
  }

  /**
   * Remembers the values of items that a worker has computed.
   *
   * @return completes when the values are on disk, or could not be stored; never fails
   */
  public CompletableFuture<Void> learn(Job job, Outcomes outcomes) {
    return settings.isOn()
        ? learning.learn(job, outcomes)
        : CompletableFuture.completedFuture(null);
  }

  /** Called when no more lookups will come. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
