package dev.manyhands.engine.worker.pool;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.manyhands.engine.scheduler.Action;
import dev.manyhands.engine.scheduler.CoreEvent;
import dev.manyhands.engine.scheduler.Now;
import dev.manyhands.engine.scheduler.SchedulerCore;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.WorkerStarter;
import dev.manyhands.engine.worker.WorkerState;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Tally;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * A whole node in virtual time and one thread, random, and equal for equal seeds. The core, pool,
 * channels and control pages are real. Some workers do whatever a process can do to harm the
 * service. Their actions may cost their own job; all other jobs end as they should.
 */
final class NodeSimulation {
  private static final int MOST_STEPS = 100_000;

  private final Random random;
  private final Path directory;
  private final WorkerSettings settings;
  private final int slots;
  private final SchedulerCore core;
  private final WorkerPool pool;
  private final Map<JobId, NodeJob> jobs = new LinkedHashMap<>();
  private final List<SimulatedWorker> workers = new ArrayList<>();
  private final Set<Long> hostile = new HashSet<>();
  private final ArrayDeque<WorkerEvent> fromWorkers = new ArrayDeque<>();
  private final ArrayDeque<SlotEvent> fromSlots = new ArrayDeque<>();

  /** The chunks of each slot, and how far each chunk is. */
  private final List<Map<Long, Long>> out = new ArrayList<>();

  private long nanos;
  private long started;

  private NodeSimulation(long seed, Path directory) {
    random = new Random(seed);
    this.directory = directory;
    slots = 1 + random.nextInt(3);
    for (int slot = 0; slot < slots; slot++) {
      out.add(new HashMap<>());
    }
    var limits = new WorkerLimits(1 << 20, 0, 0, 0, 0, Duration.ZERO, 0);
    long maxItems = random.nextBoolean() ? 0 : 1 + random.nextInt(30);
    settings = PoolStage.settings(slots, maxItems, 0, limits);
    core = new SchedulerCore(slots, 0, spec -> settings.limits().memoryOf(spec, slots));
    var starter =
        new WorkerStarter() {
          @Override
          public void start(Launch launch, Consumer<WorkerEvent> events) {
            NodeSimulation.this.start(launch, events);
          }

          @Override
          public void discard(RunningWorker gone) {
            gone.discard();
          }
        };
    pool =
        new WorkerPool(
            settings,
            starter,
            fromWorkers::add,
            fromSlots::add,
            PoolListener.NONE,
            () -> nanos,
            Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
  }

  static void run(long seed, Path directory) {
    // Each broken worker is a line in the log.
    var log = (Logger) LoggerFactory.getLogger(Worker.class);
    Level before = log.getLevel();
    log.setLevel(Level.ERROR);
    try {
      new NodeSimulation(seed, directory).play();
    } catch (IOException | RuntimeException | Error failure) {
      throw new AssertionError(
          "seed " + seed + " breaks a promise: " + failure.getMessage(), failure);
    } finally {
      log.setLevel(before);
    }
  }

  private void play() throws IOException {
    int toSubmit = 2 + random.nextInt(4);
    int steps = 0;
    while (toSubmit > 0 || jobs.values().stream().anyMatch(job -> job.end == null)) {
      assertThat(steps++).as("steps until all jobs end").isLessThan(MOST_STEPS);
      if (toSubmit > 0 && random.nextInt(20) == 0) {
        submit(new NodeJob(random, random.nextBoolean()));
        toSubmit--;
      } else if (random.nextInt(200) == 0) {
        cancelOne();
      }
      step(toSubmit == 0);
      if (steps % 16 == 0) {
        checkWorkers();
      }
    }
    jobs.values().forEach(NodeJob::check);
    useAllSlots();
    end();
  }

  /** Time passes, a worker does something, and the service hears of it. */
  private void step(boolean isAlone) throws IOException {
    nanos += random.nextInt(1_000_000);
    workers.removeIf(SimulatedWorker::isGone);
    var atWork = workers.stream().filter(SimulatedWorker::isAtWork).toList();
    if (!atWork.isEmpty()) {
      atWork.get(random.nextInt(atWork.size())).step();
    } else if (fromWorkers.isEmpty() && isAlone) {
      sleep();
    }
    turn();
  }

  /** Nothing happens until something is due. */
  private void sleep() {
    long now = nanos;
    long wake = Math.min(until(core.wakeNanos()), until(pool.wakeNanos()));
    assertThat(wake).as("nothing is due, and jobs have not ended").isLessThan(Long.MAX_VALUE);
    nanos = now + Math.max(0, wake) + random.nextInt(1_000_000);
  }

  private long until(OptionalLong due) {
    return due.isEmpty() ? Long.MAX_VALUE : due.getAsLong() - nanos;
  }

  /** One turn of the scheduler's thread. */
  private void turn() {
    WorkerEvent event = fromWorkers.poll();
    if (event != null) {
      pool.handle(event);
    }
    pool.tick();
    for (SlotEvent of; (of = fromSlots.poll()) != null; ) {
      checkEvent(of);
      if (of instanceof SlotEvent.WorkerLost lost) {
        pool.free(lost.slot());
      }
      core.handle(of, now()).forEach(this::perform);
    }
    core.handle(new CoreEvent.Tick(), now()).forEach(this::perform);
  }

  private Now now() {
    return new Now(nanos, Instant.EPOCH.plusNanos(nanos));
  }

  private void submit(NodeJob job) {
    jobs.put(job.id(), job);
    long total = job.job.status().tally().total();
    core.handle(
            new CoreEvent.Run(job.job, 1, List.of(new ItemRange(0, total)), Tally.ofTotal(total)),
            now())
        .forEach(this::perform);
  }

  private void cancelOne() {
    for (NodeJob job : jobs.values()) {
      if (job.mayBeCancelled && !job.cancelled) {
        job.cancelled = true;
        core.handle(new CoreEvent.Cancel(job.id()), now()).forEach(this::perform);
        return;
      }
    }
  }

  private void start(Launch launch, Consumer<WorkerEvent> events) {
    try {
      Path file = directory.resolve("page" + started++);
      var worker = new SimulatedWorker(launch, jobs, file, settings, random, events);
      workers.add(worker);
      if (worker.isHostile()) {
        hostile.add(launch.worker());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void perform(Action action) {
    switch (action) {
      case Action.Dispatch dispatch -> {
        out.get(dispatch.slot()).put(dispatch.chunk().number(), dispatch.chunk().items().first());
        pool.dispatch(dispatch.slot(), dispatch.chunk(), dispatch.job());
      }
      case Action.Recall recall -> pool.recall(recall.slot(), recall.fromChunk());
      case Action.Stop stop -> pool.stop(stop.slot());
      case Action.RecordOutcomes write -> jobs.get(write.job()).record(write.report());
      case Action.Finish finish -> {
        pool.release(finish.job());
        jobs.get(finish.job()).end(finish.status());
      }
      case Action.LookUp lookUp -> throw new AssertionError("no job remembers");
      case Action.CancelItems cancel -> throw new AssertionError("nobody cancels items");
      case Action.NotCancelled not -> throw new AssertionError("nobody cancels items");
      case Action.NoteStart start -> {}
      case Action.Publish publish -> {}
    }
  }

  // ---- the promises

  /** A slot hears of chunks that it has, and of no others. */
  private void checkEvent(SlotEvent event) {
    var chunks = out.get(event.slot());
    switch (event) {
      case SlotEvent.Reported report -> {
        assertThat(chunks).as("chunks of the slot of %s", report).containsKey(report.chunk());
        chunks.put(report.chunk(), report.parts().getLast().items().end());
        if (report.last()) {
          chunks.remove(report.chunk());
        }
      }
      case SlotEvent.Returned back -> {
        assertThat(chunks).as("chunks of the slot of %s", back).containsKey(back.chunk());
        if (chunks.get(back.chunk()) == back.first()) {
          chunks.remove(back.chunk());
        }
      }
      case SlotEvent.WorkerLost lost -> {
        checkLoss(lost);
        chunks.clear();
      }
      case SlotEvent.NotLoaded notLoaded -> chunks.clear();
    }
  }

  /**
   * Nothing that a worker does is a fault of the service, and no honest worker is taken for bad.
   */
  private void checkLoss(SlotEvent.WorkerLost lost) {
    assertThat(lost.death().cause()).as("%s", lost).isNotEqualTo(SlotEvent.Cause.FAULT);
    if (!hostile.contains(lost.worker())) {
      assertThat(lost.death().type()).as("%s of an honest worker", lost).isNotEqualTo("Protocol");
    }
  }

  private void checkWorkers() {
    long staying =
        pool.views().stream().filter(view -> view.state() != WorkerState.STOPPING).count();
    assertThat(staying)
        .as("workers that stay")
        .isLessThanOrEqualTo(slots + settings.pool().maxIdle());
  }

  /** No slot is lost: a job of as many items as there are slots runs on all of them at once. */
  private void useAllSlots() throws IOException {
    for (int steps = 0; core.busySlots() > 0; steps++) {
      assertThat(steps).as("steps until no slot has anything").isLessThan(MOST_STEPS);
      step(true);
    }
    var last = new NodeJob(slots);
    submit(last);
    assertThat(core.busySlots()).as("slots that are of use").isEqualTo(slots);
    for (int steps = 0; last.end == null; steps++) {
      assertThat(steps).as("steps until the last job ends").isLessThan(MOST_STEPS);
      step(true);
    }
    last.check();
  }

  /** All workers end and leave nothing. */
  private void end() throws IOException {
    var all = List.copyOf(workers);
    var ofOneJob = new HashSet<Long>();
    workers.stream().filter(SimulatedWorker::isOfOneJob).forEach(one -> ofOneJob.add(one.id()));
    assertThat(pool.views())
        .as("workers of jobs that have ended")
        .filteredOn(view -> ofOneJob.contains(view.id()))
        .allMatch(view -> view.state() == WorkerState.STOPPING);
    pool.endAll();
    for (int steps = 0; !pool.isEmpty(); steps++) {
      assertThat(steps).as("steps until all workers are gone").isLessThan(MOST_STEPS);
      step(true);
    }
    assertThat(all).as("workers that are gone").allMatch(SimulatedWorker::isDiscarded);
  }
}
