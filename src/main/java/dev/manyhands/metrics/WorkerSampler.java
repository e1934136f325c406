package dev.manyhands.metrics;

import dev.manyhands.job.FunctionRuntime;
import dev.manyhands.scheduler.Scheduler;
import dev.manyhands.worker.WorkerEvent;
import dev.manyhands.worker.WorkerState;
import dev.manyhands.worker.WorkerView;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads once a second the memory and processor time of each worker and all that it has started. The
 * pool gets the figures, and ends or replaces workers that have grown too large. The last figures
 * are kept for the gauges.
 */
public final class WorkerSampler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WorkerSampler.class);

  private final Scheduler scheduler;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("worker-sampler").unstarted(task));
  private volatile List<WorkerView> last = List.of();

  public WorkerSampler(Scheduler scheduler, MeterRegistry registry) {
    this.scheduler = scheduler;
    for (FunctionRuntime runtime : FunctionRuntime.values()) {
      for (WorkerState state : WorkerState.values()) {
        Gauge.builder("manyhands.workers", () -> count(runtime, state))
            .description("Worker subprocesses")
            .tag("runtime", runtime.label())
            .tag("state", state.name())
            .register(registry);
      }
      Gauge.builder("manyhands.worker.rss.bytes", () -> rss(runtime))
          .description("Memory that workers hold, together")
          .tag("runtime", runtime.label())
          .register(registry);
    }
  }

  public void start() {
    var _ = timer.scheduleWithFixedDelay(this::sample, 0, 1, TimeUnit.SECONDS);
  }

  /** Returns the workers as they were about a second ago, without waiting. */
  public List<WorkerView> last() {
    return last;
  }

  private double count(FunctionRuntime runtime, WorkerState state) {
    return last.stream().filter(w -> w.runtime() == runtime && w.state() == state).count();
  }

  private double rss(FunctionRuntime runtime) {
    return last.stream().filter(w -> w.runtime() == runtime).mapToLong(WorkerView::rssBytes).sum();
  }

  private void sample() {
    try {
      last = scheduler.workers().get(5, TimeUnit.SECONDS);
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
        scheduler.observed(new WorkerEvent.Usage(worker.id(), use.rssBytes(), use.cpuSeconds()));
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
