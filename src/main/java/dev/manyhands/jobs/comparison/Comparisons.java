package dev.manyhands.jobs.comparison;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.intake.ComparisonReader;
import dev.manyhands.intake.Intake;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.ComparisonId;
import dev.manyhands.store.ComparisonStore;
import dev.manyhands.support.Waits;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Submits, shows, lists, cancels and deletes comparisons for users. Blocks the calling thread while
 * it waits.
 */
public final class Comparisons {
  /**
   * Limit for unfinished comparisons; a further one is refused. Comparisons run one after the
   * other, so that more of them would wait for days.
   */
  private static final int MOST_UNFINISHED = 100;

  /**
   * The longest time after which a wait notices that the service is about to stop. A wait for both
   * futures at once would leave a callback on the other future each time it gives up.
   */
  private static final long LONGEST_LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  private final ComparisonStore store;
  private final ComparisonReader reader;
  private final ComparisonRunner runner;
  private final JobBoard board;
  private final Intake intake;
  private final Clock clock;
  private final RandomGenerator random;

  public Comparisons(
      ComparisonStore store,
      ComparisonReader reader,
      ComparisonRunner runner,
      JobBoard board,
      Intake intake,
      Clock clock,
      RandomGenerator random) {
    this.store = store;
    this.reader = reader;
    this.runner = runner;
    this.board = board;
    this.intake = intake;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Accepts a comparison. When this method returns, the comparison is on disk and its jobs will
   * run.
   *
   * @throws Refusal if the comparison or one of its jobs is invalid, or if too many comparisons are
   *     unfinished
   */
  public Comparison submit(InputStream body) throws IOException {
    if (runner.unfinished() >= MOST_UNFINISHED) {
      throw Refusal.unavailable(
          "there are " + MOST_UNFINISHED + " unfinished comparisons; try again later");
    }
    try (var hold = intake.memory().hold()) {
      byte[] text = hold.readSpec(body, this::tooLarge);
      var plan = reader.read(text, ComparisonId.next(clock, random), clock.instant());
      store.submit(plan.comparison(), plan.job()).join();
      runner.add(plan.comparison().id());
      return plan.comparison();
    }
  }

  private Refusal tooLarge() {
    return Refusal.tooLarge(
        "",
        "a comparison may have at most "
            + intake.limits().maxSpecBytes()
            + " bytes, its inputs included (manyhands.limits.spec); give numbers as a range");
  }

  /** Returns the comparison as it is now. */
  public Comparison get(ComparisonId id) {
    return store.find(id).orElseThrow(() -> Refusal.notFound("there is no comparison " + id));
  }

  /**
   * Returns the comparison when it has ended, or as it is when the patience is over. Waits no
   * longer when the service stops or the thread is interrupted.
   */
  public Comparison await(ComparisonId id, Duration patience) {
    Optional<CompletableFuture<Void>> end = runner.ended(id);
    long until = System.nanoTime() + patience.toNanos();
    long left = patience.toNanos();
    while (end.isPresent() && !end.get().isDone() && left > 0 && !board.closed().isDone()) {
      if (!Waits.until(end.get(), Duration.ofNanos(Math.min(left, LONGEST_LOOK_NANOS)))) {
        break;
      }
      left = until - System.nanoTime();
    }
    return get(id);
  }

  /**
   * Returns comparisons that are older than {@code before}, the newest first; null begins with the
   * newest of all.
   */
  public List<Comparison> list(@Nullable ComparisonId before, int limit) {
    return store.list(before, limit);
  }

  /** Ends a comparison; returns whether it had not ended before. */
  public boolean cancel(ComparisonId id) {
    get(id);
    return runner.cancel(id);
  }

  /** Deletes a comparison that has ended; its jobs stay. */
  public void delete(ComparisonId id) {
    if (!store.delete(id).join()) {
      throw Refusal.conflict(
          "comparison " + id + " is " + get(id).state() + "; cancel it first, or wait for its end");
    }
  }
}
