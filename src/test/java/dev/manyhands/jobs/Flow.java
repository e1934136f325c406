package dev.manyhands.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.memo.Memo;
import dev.manyhands.engine.memo.MemoListener;
import dev.manyhands.engine.memo.MemoSettings;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.engine.scheduler.SchedulerPorts;
import dev.manyhands.engine.worker.ChannelLimits;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.engine.worker.PoolSettings;
import dev.manyhands.engine.worker.RuntimeSettings;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.pool.PoolListener;
import dev.manyhands.engine.worker.process.WorkerLauncher;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.function.BundleCache;
import dev.manyhands.function.BundleLimits;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.NamedSetStore;
import dev.manyhands.store.SharedStore;
import dev.manyhands.store.sql.DatabaseKind;
import dev.manyhands.store.sql.SqlStores;
import dev.manyhands.store.sql.TestClock;
import dev.manyhands.store.sql.TestDatabase;
import dev.manyhands.support.TemporaryDirectories;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A real store, a clock that tests advance, and a scheduler that accepts jobs and runs none. */
final class Flow implements AutoCloseable {
  private static final Function FUNCTION =
      new Function("f", "sha256:0", new FunctionDefinition.Python("def f(x): return x", "f"));

  final TestClock clock = new TestClock();
  final JobBoard board = new JobBoard();
  final JobStore store;
  final NamedSetStore sets;
  final SharedStore shared;
  final Scheduler scheduler;
  private final Random random = new Random(8);
  private final TestDatabase database;
  private final SqlStores stores;
  private final WorkerLauncher launcher;
  private final Memo memo;

  Flow(DatabaseKind kind) throws IOException {
    database = TestDatabase.fresh(kind);
    stores = database.open(clock);
    store = stores.jobs();
    sets = stores.sharedSets();
    shared = stores.shared();
    Path scratch = TemporaryDirectories.make("manyhands-flow");
    var settings =
        new WorkerSettings(
            new PoolSettings(1, 0, Duration.ZERO, 0, 0, Duration.ZERO, Duration.ZERO),
            new ChannelLimits(1 << 20, 1 << 20),
            new RuntimeSettings(Map.of(), "python3", List.of(), scratch, null),
            scratch,
            scratch,
            WorkerLimits.NONE,
            Isolation.NONE);
    ItemSource nothing =
        (job, items, most) -> {
          throw new AssertionError("nothing runs here");
        };
    var bundles =
        new BundleCache(
            TemporaryDirectories.make("manyhands-bundles"),
            stores.bundles(),
            new BundleLimits(1, 1, 1));
    launcher =
        new WorkerLauncher(
            settings,
            nothing,
            bundles,
            LogSink.NONE,
            (job, worker) -> {
              throw new IllegalStateException("no job has shared objects");
            });
    memo = new Memo(new MemoSettings(0, 0), stores.memo(), nothing, unlistened(), clock);
    // The scheduler is never started, so that its messages stay in its queue.
    scheduler =
        new Scheduler(
            settings,
            launcher,
            PoolListener.NONE,
            new SchedulerPorts(store, memo, board, SchedulerListener.NONE, clock));
  }

  private static MemoListener unlistened() {
    return new MemoListener() {
      @Override
      public void lookedUp(long hits, long misses) {}

      @Override
      public void evicted(long values) {}

      @Override
      public void failed(long items) {}
    };
  }

  @Override
  public void close() {
    memo.close();
    launcher.close();
    stores.close();
    database.close();
  }

  /**
   * Returns the messages about a job that the scheduler, which never starts, has received. They are
   * in order, and each is the name of its event.
   */
  List<String> told(JobId id) throws ReflectiveOperationException {
    Object inbox = field(scheduler, "inbox");
    return ((Collection<?>) field(inbox, "queue"))
        .stream()
            .map(Object::toString)
            .filter(message -> message.contains(id.toString()))
            .map(message -> message.replaceFirst("^\\w+\\[(?:event|run)=(\\w+)\\[.*", "$1"))
            .toList();
  }

  private static Object field(Object owner, String name) throws ReflectiveOperationException {
    var field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(owner);
  }

  /** Returns a queued job of {@code items} stored items. */
  Job submitted(long items) {
    return submitted(new Inputs.Listed(items), JobSpec.Start.AT_ONCE, null, JobSpec.Reduce.LIST);
  }

  /** A job that waits, as the API would store it. */
  Job waitingFor(JobSpec.Start start) {
    return submitted(new Inputs.Listed(1), start, null, JobSpec.Reduce.LIST);
  }

  Job submitted(Inputs inputs, JobSpec.Start start, @Nullable Duration ttl, JobSpec.Reduce reduce) {
    clock.advance(Duration.ofSeconds(1));
    var spec = JobSpec.builder(FUNCTION, inputs).start(start).ttl(ttl).reduce(reduce).build();
    boolean open = inputs instanceof Inputs.Results;
    var status = JobStatus.queued(inputs.count(), open);
    var job =
        new Job(
            JobId.next(clock, random),
            spec,
            clock.instant(),
            spec.waits() ? status.waiting() : status);
    var items = inputs.count() == 0 ? null : segment(0, inputs.count());
    board.add(job);
    store.submit(job, items, null).join();
    return job;
  }

  /** The indices themselves, as items or values. */
  static byte[] numbers(long first, long end) {
    return LongStream.range(first, end)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(","))
        .getBytes(UTF_8);
  }

  private static InputSegment segment(long first, long end) {
    return new InputSegment(new ItemRange(first, end), numbers(first, end));
  }

  void record(Job job, Outcomes outcomes) {
    var report = new OutcomeReport(outcomes, 1, 1, clock.instant(), clock.instant(), 1);
    store.record(job.id(), JobStore.FIRST_VERSION, report).join();
  }

  /** Loses the report that begins at this item, behind the back of the store. */
  void lose(Job job, long first) throws SQLException {
    database.execute(
        "DELETE FROM outcome WHERE job_id = ? AND first_index = ?", job.id().toString(), first);
  }

  /** Ends a job of which {@code succeeded} items have succeeded. */
  void end(Job job, JobState state, long succeeded, @Nullable String result) {
    long total = job.status().tally().total();
    var tally = new Tally(total, succeeded, 0, total - succeeded, 1, 0, 0, 0);
    Instant now = clock.instant();
    var status =
        JobStatus.builder(state, tally)
            .startedAt(now)
            .finishedAt(now)
            .workersUsed(1)
            .result(result)
            .build();
    store.finish(job.id(), JobStore.FIRST_VERSION, status).join();
    board.remove(job.id(), status);
  }

  void end(Job job, JobState state) {
    end(job, state, 0, null);
  }

  JobStatus status(Job job) {
    return store.find(job.id()).orElseThrow().status();
  }

  /** Ends a job without a word to those who wait for it. */
  void endSilently(Job job) {
    board.clear();
    var status =
        JobStatus.builder(JobState.CANCELLED, job.status().tally().skipRest())
            .finishedAt(clock.instant())
            .build();
    store.finish(job.id(), JobStore.FIRST_VERSION, status).join();
  }

  /** Looks until it is so. */
  JobStatus await(Job job, Predicate<JobStatus> wanted) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    JobStatus status = status(job);
    while (!wanted.test(status)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it stays as it is: " + status);
      }
      Thread.onSpinWait();
      status = status(job);
    }
    return status;
  }
}
