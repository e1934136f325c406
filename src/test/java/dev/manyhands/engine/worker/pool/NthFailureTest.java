package dev.manyhands.engine.worker.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.memo.Memo;
import dev.manyhands.engine.memo.MemoListener;
import dev.manyhands.engine.memo.MemoSettings;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.engine.scheduler.SchedulerPorts;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.MemoStore;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One history of jobs, again and again: at the n-th time the n-th call that the scheduler's thread
 * makes of anything fails with an {@link Error}, until a whole history has passed without. Real are
 * the scheduler, its core, the pool and the control pages.
 */
class NthFailureTest {
  private static final int SLOTS = 2;
  private static final long POISON = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final List<Supplier<Error>> ERRORS =
      List.of(
          () -> new OutOfMemoryError("planned"),
          () -> new StackOverflowError("planned"),
          () -> new InternalError("planned"));

  /** Each of them is made in each history. */
  private static final Set<String> CALLS =
      Set.of(
          "start",
          "page",
          "pid",
          "kill",
          "discard",
          "starter.discard",
          "started",
          "record",
          "finish",
          "together",
          "heardStarted",
          "heardReported",
          "heardFinished",
          "heardEnded",
          "heardStored");

  @TempDir private Path directory;

  @Test
  void noErrorCostsMoreThanOneWorkerAndOneJob() throws Exception {
    String failed;
    int n = 0;
    do {
      n++;
      int number = n;
      failed =
          play(
              "call " + n, failures -> failures.failAt(number, ERRORS.get(number % ERRORS.size())));
    } while (failed != null);
    // The threads of a history take turns as they like: a rare call may never be the n-th one.
    for (String call : CALLS) {
      assertThat(play("call of " + call, failures -> failures.failNext(call))).isEqualTo(call);
    }
  }

  private @Nullable String play(String name, Consumer<Failures> plan) throws Exception {
    return new History(Files.createDirectory(directory.resolve(name)), plan).play();
  }

  /** A service one of whose calls fails. */
  private static final class History {
    private final Path directory;
    private final Consumer<Failures> plan;
    private final Failures failures = new Failures();
    private final JobBoard board = new JobBoard();
    private final Map<JobId, List<OutcomeReport>> recorded = new HashMap<>();
    private final SelfPlayedWorkers workers;
    private final Memo memo;
    private final Scheduler scheduler;
    private final CountDownLatch allSlots = new CountDownLatch(SLOTS);

    private final Job plain = PoolStage.job("plain", 12, 3);
    private final Job warm = PoolStage.job("plain", 5, 2);
    private final Job poisoned = PoolStage.job("poisoned", 10, 5);
    private final Job endless = PoolStage.job("endless", 1, 1);
    private final Job together = PoolStage.job("together", SLOTS, 1);

    History(Path directory, Consumer<Failures> plan) {
      this.directory = directory;
      this.plan = plan;
      workers = new SelfPlayedWorkers(directory, failures, this::run);
      var nothing = none(MemoStore.class);
      ItemSource source =
          (job, items, most) -> {
            throw new AssertionError("nothing is read here");
          };
      memo =
          new Memo(
              new MemoSettings(0, 0), nothing, source, none(MemoListener.class), Clock.systemUTC());
      scheduler =
          new Scheduler(
              PoolStage.impatient(SLOTS),
              workers,
              (FunctionRuntime runtime, String reason) -> failures.pass("listener"),
              new SchedulerPorts(store(), memo, board, listener(), Clock.systemUTC()));
    }

    /** The function of all jobs. */
    private void run(String digest, Chunk chunk) {
      switch (digest) {
        case "poisoned" -> {
          if (chunk.items().contains(POISON)) {
            throw new SelfPlayedWorkers.Died(POISON);
          }
        }
        case "endless" -> SelfPlayedWorkers.hang(() -> scheduler.cancel(endless.id()));
        case "together" -> {
          allSlots.countDown();
          try {
            allSlots.await();
          } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
          }
        }
        default -> {}
      }
    }

    /** Returns the name of the call that failed; null if none did. */
    @Nullable String play() throws Exception {
      plan.accept(failures);
      scheduler.start();
      Map<Job, CompletableFuture<JobStatus>> ends = new HashMap<>();
      for (Job job : List.of(plain, poisoned, endless, warm)) {
        ends.put(job, submit(job));
      }
      List<String> harmed = new ArrayList<>();
      for (var end : ends.entrySet()) {
        JobStatus status = end.getValue().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (!isRight(end.getKey(), status)) {
          harmed.add(end.getKey().spec().function().digest() + " " + status);
        }
      }
      awaitKill();
      String failed = failures.failed();
      failures.end();
      assertThat(harmed).as(what(failed) + ": jobs harmed").hasSizeLessThan(failed == null ? 1 : 2);
      // The endless one is always killed.
      assertThat(workers.killed()).as(what(failed) + ": workers killed").isLessThanOrEqualTo(2);
      assertThat(scheduler.isRunning()).as(what(failed) + ": the scheduler's thread").isTrue();
      scheduler.workers().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      JobStatus last = submit(together).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(isRight(together, last)).as(what(failed) + ": all slots at once").isTrue();
      scheduler.stop(PATIENCE);
      memo.close();
      awaitEnd(failed);
      assertThat(workers.running()).as(what(failed) + ": workers left").isZero();
      return failed;
    }

    /** The endless item is cancelled first, and its worker is killed a moment later. */
    private void awaitKill() {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (workers.killed() == 0 && failures.failed() == null) {
        assertThat(System.nanoTime()).as("the endless item is killed").isLessThan(deadline);
        Thread.yield();
      }
    }

    /** The thread answers that all is done, and ends a moment later. */
    private void awaitEnd(@Nullable String failed) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (scheduler.isRunning()) {
        assertThat(System.nanoTime()).as(what(failed) + ": it stops").isLessThan(deadline);
        Thread.yield();
      }
    }

    private String what(@Nullable String failed) {
      return directory.getFileName() + " (" + failed + ") failed";
    }

    private CompletableFuture<JobStatus> submit(Job job) {
      board.add(job);
      var end = board.ended(job.id()).orElseThrow();
      scheduler.run(job);
      return end;
    }

    /**
     * Returns whether the job ended as if nothing had failed. Any other end must report a failure.
     */
    private synchronized boolean isRight(Job job, JobStatus status) {
      var outcomes = new HashMap<Long, Boolean>();
      for (OutcomeReport report : recorded.getOrDefault(job.id(), List.of())) {
        var items = report.outcomes().items();
        for (long item = items.first(); item < items.end(); item++) {
          assertThat(outcomes.put(item, true)).as("outcomes of item %d of %s", item, job).isNull();
        }
        for (ItemError error : report.outcomes().errors()) {
          outcomes.put(error.index(), false);
          assertThat(job).isEqualTo(poisoned);
          assertThat(error.index()).isEqualTo(POISON);
          assertThat(error.kind()).isEqualTo(ItemError.Kind.CRASH);
          assertThat(error.attempts()).isEqualTo(2);
        }
      }
      boolean isWhole = outcomes.size() == job.status().tally().total();
      boolean asExpected =
          switch (job.spec().function().digest()) {
            case "endless" -> status.state() == JobState.CANCELLED;
            case "poisoned" -> isWhole && status.stopReason() == null;
            default -> isWhole && status.state() == JobState.SUCCEEDED;
          };
      if (!asExpected) {
        assertThat(status.state()).isEqualTo(JobState.FAILED);
        assertThat(status.stopReason()).isIn("notStored", "internalError");
      }
      return asExpected;
    }

    private JobStore store() {
      return proxy(
          JobStore.class,
          (method, arguments) -> {
            switch (method) {
              case "grantUnfinished" -> {
                return List.of();
              }
              case "endsByItself" -> {
                return CompletableFuture.completedFuture(null);
              }
              case "together" -> {
                failures.pass(method);
                ((Runnable) arguments[0]).run();
                return null;
              }
              case "started", "record", "finish" -> {
                failures.pass(method);
                if (arguments[2] instanceof OutcomeReport report) {
                  store((JobId) arguments[0], report);
                }
                return CompletableFuture.completedFuture(
                    arguments[2] instanceof JobStatus end ? Optional.of(end) : true);
              }
              default -> throw new AssertionError(method);
            }
          });
    }

    private synchronized void store(JobId job, OutcomeReport report) {
      recorded.computeIfAbsent(job, id -> new ArrayList<>()).add(report);
    }

    private SchedulerListener listener() {
      return new SchedulerListener() {
        @Override
        public void started(Job job, Duration waited) {
          failures.pass("heardStarted");
        }

        @Override
        public void reported(Job job, OutcomeReport report) {
          failures.pass("heardReported");
        }

        @Override
        public void stored(Job job, OutcomeReport report) {
          failures.pass("heardStored");
        }

        @Override
        public void finished(Job job, JobStatus status) {
          failures.pass("heardFinished");
        }

        @Override
        public void ended(Job job, JobStatus status) {
          failures.pass("heardEnded");
        }
      };
    }

    private static <T> T none(Class<T> type) {
      return proxy(
          type,
          (method, arguments) -> {
            throw new AssertionError(method);
          });
    }

    private interface Call {
      Object answer(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Call call) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) -> call.answer(method.getName(), arguments)));
    }
  }
}
