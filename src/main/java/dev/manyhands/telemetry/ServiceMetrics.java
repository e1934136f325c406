package dev.manyhands.telemetry;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.model.JobState;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts accepted jobs, and registers gauges. A gauge asks the part that it shows whenever the
 * gauge is read.
 */
public final class ServiceMetrics {
  /**
   * How long an answer of the store is used again. One scrape reads all states, and asks the store
   * once.
   */
  private static final long REUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final JobStore store;
  private final Counter submitted;

  /** Jobs by state, from the last answer of the store; null if the store did not answer. */
  private @Nullable Map<JobState, Long> counts;

  private boolean up;
  private long lookedNanos = System.nanoTime() - REUSE_NANOS - 1;

  public ServiceMetrics(
      JobStore store, Scheduler scheduler, JobBoard board, MeterRegistry registry) {
    this.store = store;
    submitted =
        Counter.builder("manyhands.jobs.submitted")
            .description("Jobs that were accepted")
            .register(registry);
    for (JobState state : JobState.values()) {
      Gauge.builder("manyhands.jobs", () -> jobs(state))
          .description("Jobs in the store")
          .tag("state", state.name())
          .register(registry);
    }
    Gauge.builder("manyhands.store.up", this::storeUp)
        .description("Whether the database answers and can be written to, as readiness has it")
        .register(registry);
    Gauge.builder("manyhands.items.left", board, JobBoard::itemsLeft)
        .description("Items of unfinished jobs that have no outcome yet")
        .register(registry);
    Gauge.builder("manyhands.slots", scheduler, Scheduler::slots)
        .description("Workers that may run at once")
        .register(registry);
    Gauge.builder("manyhands.slots.busy", scheduler, Scheduler::busySlots)
        .description("Slots that have a chunk")
        .register(registry);
  }

  public void submitted() {
    submitted.increment();
  }

  /**
   * Asks the store, unless its last answer is used again. A store that does not answer delays a
   * scrape only once, not once for each gauge.
   */
  private synchronized void look() {
    if (System.nanoTime() - lookedNanos <= REUSE_NANOS) {
      return;
    }
    counts = null;
    up = false;
    try {
      counts = store.countByState();
      store.ping();
      up = true;
    } catch (StoreException away) {
      // The gauges show that the store is away.
    }
    lookedNanos = System.nanoTime();
  }

  private synchronized double storeUp() {
    look();
    return up ? 1 : 0;
  }

  private synchronized double jobs(JobState state) {
    look();
    return counts == null ? Double.NaN : counts.getOrDefault(state, 0L);
  }
}
