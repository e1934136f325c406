package dev.manyhands.metrics;

import dev.manyhands.job.JobState;
import dev.manyhands.scheduler.Scheduler;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Gauges that ask the parts how they are, when they are asked. */
public final class ServiceMetrics {
  /** One scrape reads all states; they are counted once for it. */
  private static final long REUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final JobStore store;
  private final Counter submitted;
  private @Nullable Map<JobState, Long> counts;
  private long countedNanos = System.nanoTime() - REUSE_NANOS - 1;

  public ServiceMetrics(JobStore store, Scheduler scheduler, MeterRegistry registry) {
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

  /** Null when the store does not answer: then a scrape waits for it once, not for each state. */
  private @Nullable Map<JobState, Long> count() {
    try {
      return store.countByState();
    } catch (StoreException away) {
      return null;
    }
  }

  private synchronized double jobs(JobState state) {
    long now = System.nanoTime();
    if (now - countedNanos > REUSE_NANOS) {
      counts = count();
      countedNanos = System.nanoTime();
    }
    return counts == null ? Double.NaN : counts.getOrDefault(state, 0L);
  }
}
