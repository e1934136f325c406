package dev.manyhands.telemetry;

import dev.manyhands.engine.worker.WorkerState;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.model.FunctionRuntime;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Supplier;

/** Gauges of the workers, as they were about a second ago. */
public final class WorkerMetrics {
  private final Supplier<List<WorkerView>> workers;

  public WorkerMetrics(Supplier<List<WorkerView>> workers, MeterRegistry registry) {
    this.workers = workers;
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

  private double count(FunctionRuntime runtime, WorkerState state) {
    return workers.get().stream().filter(w -> w.runtime() == runtime && w.state() == state).count();
  }

  private double rss(FunctionRuntime runtime) {
    return workers.get().stream()
        .filter(w -> w.runtime() == runtime)
        .mapToLong(WorkerView::rssBytes)
        .sum();
  }
}
