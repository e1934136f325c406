package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.ChannelLimits;
import dev.manyhands.engine.worker.PoolSettings;
import dev.manyhands.engine.worker.RuntimeSettings;
import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.pool.ScriptedWorkers.ScriptedWorker;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Trace;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A pool with workers that a test plays, and a clock that the test advances. */
final class PoolStage {
  static final FunctionDefinition PYTHON = new FunctionDefinition.Python("", "f");
  static final FunctionDefinition FRAMES =
      new FunctionDefinition.Command(List.of("f"), FunctionDefinition.Protocol.FRAMES);
  static final FunctionDefinition LINES =
      new FunctionDefinition.Command(List.of("f"), FunctionDefinition.Protocol.LINES);

  final Failures failures = new Failures();
  final ScriptedWorkers workers;
  final WorkerPool pool;

  /** Events for the slots that {@link #told} has not returned yet. */
  private final List<SlotEvent> toSlots = new ArrayList<>();

  /** Why workers have ended, in the words of the metrics. */
  final List<String> endings = new ArrayList<>();

  private long nanos = 1_000_000_000_000L;

  PoolStage(Path directory, WorkerSettings settings) {
    workers = new ScriptedWorkers(directory, failures);
    pool =
        new WorkerPool(
            settings,
            workers,
            this::happens,
            event -> {
              failures.pass("slots");
              toSlots.add(event);
            },
            (runtime, reason) -> {
              failures.pass("listener");
              endings.add(reason);
            },
            () -> nanos,
            Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
  }

  private void happens(WorkerEvent event) {
    pool.handle(event);
  }

  static WorkerSettings settings(int slots, long maxItems, long maxRssBytes, WorkerLimits limits) {
    return settings(slots, maxItems, maxRssBytes, limits, Duration.ofSeconds(1));
  }

  /** Settings of a service that kills at once what does not stop. */
  static WorkerSettings impatient(int slots) {
    return settings(slots, 0, 0, WorkerLimits.NONE, Duration.ofMillis(1));
  }

  private static WorkerSettings settings(
      int slots, long maxItems, long maxRssBytes, WorkerLimits limits, Duration stopGrace) {
    return new WorkerSettings(
        new PoolSettings(
            slots,
            1,
            Duration.ofSeconds(60),
            maxItems,
            maxRssBytes,
            stopGrace,
            Duration.ofSeconds(10)),
        new ChannelLimits(1 << 16, 1 << 16),
        new RuntimeSettings(Map.of(), "python3", List.of(), Path.of("unused"), null),
        Path.of("unused"),
        Path.of("unused"),
        limits,
        Isolation.NONE);
  }

  /** Time passes, and the pool looks what is due. */
  void pass(Duration time) {
    nanos += time.toNanos();
    pool.tick();
  }

  long nanos() {
    return nanos;
  }

  /** Returns the events for the slots since the last call. */
  List<SlotEvent> told() {
    var told = List.copyOf(toSlots);
    toSlots.clear();
    return told;
  }

  void dispatch(int slot, Job job, long chunk, long first, long end) {
    pool.dispatch(slot, new Chunk(chunk, job.id(), 1, new ItemRange(first, end), 1), job);
  }

  /** The slot's chunk 1 of these items is with a worker that has come up. */
  ScriptedWorker begun(int slot, Job job, long first, long end) {
    dispatch(slot, job, 1, first, end);
    var worker = workers.last();
    worker.loaded();
    return worker;
  }

  /** A worker that has answered the slot's chunk 1 of one item, and has nothing to do. */
  ScriptedWorker rested(int slot, Job job) {
    var worker = begun(slot, job, 0, 1);
    worker.answers(1, 0, 1, true);
    told();
    return worker;
  }

  // ---- jobs

  private static int jobs;

  static Job job(String digest) {
    return job(digest, PYTHON, 1, JobSpec.Timeouts.NONE, null, null);
  }

  /** A job whose items may take one second. */
  static Job timed(FunctionDefinition definition, int threads) {
    var second = new JobSpec.Timeouts(Duration.ofSeconds(1), null, null);
    return job("f", definition, threads, second, null, null);
  }

  /** Returns a job of {@code items} items that are handed out in chunks of this size. */
  static Job job(String digest, long items, long chunkSize) {
    var sized = new JobSpec.Chunking(chunkSize, null, JobSpec.Chunking.Order.INPUT);
    return job(digest, PYTHON, 1, JobSpec.Timeouts.NONE, null, null, items, sized);
  }

  static Job job(
      String digest,
      FunctionDefinition definition,
      int threads,
      JobSpec.Timeouts timeouts,
      @Nullable Long memory,
      @Nullable Trace trace) {
    var auto = JobSpec.Chunking.AUTO;
    return job(digest, definition, threads, timeouts, memory, trace, 100, auto);
  }

  static Job job(
      String digest,
      FunctionDefinition definition,
      int threads,
      JobSpec.Timeouts timeouts,
      @Nullable Long memory,
      @Nullable Trace trace,
      long items,
      JobSpec.Chunking chunking) {
    var spec =
        JobSpec.builder(new Function("f", digest, definition), new Inputs.Range(0, items, 1))
            .threads(threads)
            .chunking(chunking)
            .timeouts(timeouts)
            .memory(memory)
            .trace(trace)
            .build();
    return new Job(new JobId(new UUID(7, ++jobs)), spec, Instant.EPOCH, JobStatus.queued(items));
  }
}
