package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerView;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads once a second the memory and processor time of each worker and all that it has started. The
 * pool gets the figures, and ends or replaces workers that have grown too large.
 */
public final class UsageWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UsageWatch.class);

  private final Supplier<CompletableFuture<List<WorkerView>>> workers;
  private final Consumer<WorkerEvent> pool;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("worker-sampler").unstarted(task));
  private volatile List<WorkerView> last = List.of();

  /** Ends only by a fault that even its handler met; null before the start. */
  private volatile @Nullable ScheduledFuture<?> looks;

  /**
   * @param workers asks for the workers as they are
   * @param pool receives the use of each worker as an event
   */
  public UsageWatch(
      Supplier<CompletableFuture<List<WorkerView>>> workers, Consumer<WorkerEvent> pool) {
    this.workers = workers;
    this.pool = pool;
  }

  public void start() {
    looks = timer.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
  }

  /** Whether looks go on. */
  public boolean isRunning() {
    ScheduledFuture<?> begun = looks;
    return begun != null && !begun.isDone() && !timer.isShutdown();
  }

  /** Returns the workers as they were at the last look, about a second ago, without waiting. */
  public List<WorkerView> last() {
    return last;
  }

  private void look() {
    try {
      last = workers.get().get(5, TimeUnit.SECONDS);
      if (!last.isEmpty()) {
        observe(ProcessTable.read().bySession());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      // The next look is a second away. An exception from here would end all later looks.
      log.debug("workers could not be looked at", e);
    }
  }

  private void observe(Map<Long, ProcessTable.Use> uses) {
    for (WorkerView worker : last) {
      var use = uses.get(worker.pid());
      // A worker without a process has the id 0, which is the session of the system itself.
      if (worker.pid() > 0 && use != null) {
        pool.accept(new WorkerEvent.Usage(worker.id(), use.rssBytes(), use.cpuSeconds()));
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
