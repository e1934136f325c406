package dev.manyhands.engine.worker.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.memo.Memo;
import dev.manyhands.engine.memo.MemoListener;
import dev.manyhands.engine.memo.MemoSettings;
import dev.manyhands.engine.scheduler.Cancellation;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.engine.scheduler.SchedulerPorts;
import dev.manyhands.model.Grant;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.ServiceDeaths;
import dev.manyhands.model.Tally;
import dev.manyhands.store.CancelledItems;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.MemoStore;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A scheduler whose store answers late, or refuses. */
@Timeout(60)
class StoreAnswersTest {
  @TempDir private Path directory;

  /** Requests to note a chunk that runs alone. */
  private final BlockingQueue<CompletableFuture<Boolean>> notes = new LinkedBlockingQueue<>();

  private final Failures failures = new Failures();
  private final JobBoard board = new JobBoard();
  private final Memo memo =
      new Memo(
          new MemoSettings(0, 0),
          proxy(MemoStore.class, StoreAnswersTest::unexpected),
          (of, items, most) -> {
            throw new AssertionError("nothing is read here");
          },
          proxy(MemoListener.class, StoreAnswersTest::unexpected),
          Clock.systemUTC());
  private Scheduler scheduler;
  private SelfPlayedWorkers workers;
  private Job job;
  private int deaths;

  /** Whether the store accepts outcomes. */
  private boolean isOurs = true;

  @AfterEach
  void stop() {
    scheduler.stop(Duration.ofSeconds(10));
    memo.close();
  }

  @Test
  void aChunkWithoutItsNoteIsStoppedByForceAtOnce() throws Exception {
    start(PoolStage.job("suspected", 3, 1), ServiceDeaths.SUSPICIOUS);
    // Asked for now, because the board forgets a job with its end.
    CompletableFuture<JobStatus> ended = board.ended(job.id()).orElseThrow();
    CompletableFuture<Boolean> first = notes.take();
    Cancellation answer =
        scheduler
            .cancelItems(job.id(), List.of(new ItemRange(0, 1)), true)
            .get(10, TimeUnit.SECONDS);
    assertThat(answer.fates()).hasToString("[ItemFate[items=[0, 1), state=CANCELLED]]");
    CompletableFuture<Boolean> second = notes.take();
    first.complete(true); // overtaken: the slot has the next chunk
    assertThat(scheduler.workers().get(10, TimeUnit.SECONDS)).isEmpty();
    second.complete(true);
    notes.take().complete(true);
    JobStatus end = ended.get(10, TimeUnit.SECONDS);
    assertThat(end.tally().succeeded()).isEqualTo(2);
    assertThat(end.tally().skipped()).isEqualTo(1);
  }

  @Test
  void theOwnWorkersOfAJobThatIsLostAreEnded() throws Exception {
    isOurs = false;
    Job shared = PoolStage.job("own", 3, 1);
    start(shared.withSpec(shared.spec().toBuilder().fresh(true).build()), 0);
    Awaitility.await().until(() -> workers.started() > 0 && workers.running() == 0);
    assertThat(board.ended(job.id())).isEmpty();
  }

  private void start(Job theJob, int serviceDeaths) {
    job = theJob;
    deaths = serviceDeaths;
    workers = new SelfPlayedWorkers(directory, failures, (digest, chunk) -> {});
    var listener = proxy(SchedulerListener.class, (method, arguments) -> null);
    scheduler =
        new Scheduler(
            PoolStage.impatient(1),
            workers,
            (runtime, reason) -> {},
            new SchedulerPorts(
                proxy(JobStore.class, this::store), memo, board, listener, Clock.systemUTC()));
    scheduler.start();
  }

  private Object store(String method, Object[] arguments) {
    return switch (method) {
      case "grantUnfinished" -> {
        var counted = new ServiceDeaths(deaths, null, 0);
        yield List.of(
            new Grant(job, 2, List.of(), List.of(), Tally.ofTotal(3), List.of(), counted));
      }
      case "together" -> {
        ((Runnable) arguments[0]).run();
        yield "nothing";
      }
      case "alone" -> {
        var note = new CompletableFuture<Boolean>();
        notes.add(note);
        yield note;
      }
      case "record" -> CompletableFuture.completedFuture(isOurs);
      case "cancelledItems" ->
          proxy(CancelledItems.class, (_, _) -> CompletableFuture.completedFuture(true));
      case "finish" -> CompletableFuture.completedFuture(Optional.of(arguments[2]));
      default -> CompletableFuture.completedFuture(true);
    };
  }

  private static Object unexpected(String method, Object[] arguments) {
    throw new AssertionError(method);
  }

  private static <T> T proxy(Class<T> type, BiFunction<String, Object[], Object> answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> answer.apply(method.getName(), arguments)));
  }
}
