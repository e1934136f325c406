package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.WorkerStarter;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.Job;
import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All workers whose process may still exist, in the order of their start. Finds a warm worker for a
 * job, or starts one. Confined to the pool's thread.
 */
final class WorkerRoster {
  private static final Logger log = LoggerFactory.getLogger(WorkerRoster.class);

  private final WorkerSettings settings;
  private final WorkerStarter starter;
  private final Consumer<WorkerEvent> fromWorkers;
  private final LongSupplier nanoClock;
  private final Clock clock;
  private final Map<Long, Worker> workers = new LinkedHashMap<>();
  private long nextWorker = 1;

  WorkerRoster(
      WorkerSettings settings,
      WorkerStarter starter,
      Consumer<WorkerEvent> fromWorkers,
      LongSupplier nanoClock,
      Clock clock) {
    this.settings = settings;
    this.starter = starter;
    this.fromWorkers = fromWorkers;
    this.nanoClock = nanoClock;
    this.clock = clock;
  }

  @Nullable Worker get(long id) {
    return workers.get(id);
  }

  /** Returns the workers, which may be removed while the caller iterates over them. */
  List<Worker> all() {
    return List.copyOf(workers.values());
  }

  /**
   * Returns the workers as they are. They must not be changed while the caller iterates over them.
   */
  Collection<Worker> view() {
    return workers.values();
  }

  /** Removes a worker whose process is gone, with all that the process left behind. */
  void forget(Worker gone) {
    workers.remove(gone.id());
    RunningWorker process = gone.process();
    if (process == null) {
      return;
    }
    try {
      starter.discard(process);
    } catch (Throwable left) {
      log.error("what worker {} left is removed at the next start", gone.id(), left);
    }
  }

  /**
   * Returns a warm worker for a chunk, with the key of the job and no slot, or else a new one. If
   * there are too many workers for a new one, the worker that is idle longest is asked to end.
   */
  Worker take(Chunk chunk, Job job) {
    WorkerKey key = WorkerKey.of(job, settings);
    Worker oldestIdle = null;
    Worker found = null;
    long now = nanoClock.getAsLong();
    for (Worker worker : workers.values()) {
      if (worker.slot() == Worker.NO_SLOT && !worker.isEnding()) {
        oldestIdle = olderIdle(oldestIdle, worker);
        if (worker.key().equals(key)
            && worker.mayServe(job, now)
            && worker.use().isBetterThan(found)) {
          found = worker;
        }
      }
    }
    if (found != null && found.use().hasRoomFor(chunk.items().count())) {
      return found;
    }
    if (found != null) {
      found.askToEnd(Ending.Plain.ITEMS, nanoClock.getAsLong());
    }
    if (oldestIdle != null
        && workers.size() >= settings.pool().slots() + settings.pool().maxIdle()) {
      oldestIdle.askToEnd(Ending.Plain.IDLE, nanoClock.getAsLong());
    }
    return start(job, key);
  }

  private static Worker olderIdle(@Nullable Worker one, Worker other) {
    return one == null || other.watch().idleSinceNanos() - one.watch().idleSinceNanos() < 0
        ? other
        : one;
  }

  private Worker start(Job job, WorkerKey key) {
    var worker = new Worker(nextWorker++, key, job, clock.instant(), nanoClock.getAsLong());
    workers.put(worker.id(), worker);
    try {
      starter.start(worker.launch(), fromWorkers);
    } catch (Throwable notStarted) {
      workers.remove(worker.id());
      throw notStarted;
    }
    return worker;
  }
}
