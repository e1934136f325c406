package dev.manyhands.telemetry;

import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.engine.worker.pool.PoolListener;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Counts and times the work of the scheduler and the pool. Safe for use by several threads; all
 * meters are made in advance.
 */
public final class JobMetrics implements SchedulerListener, PoolListener {
  private final Timer queueWait;
  private final Timer duration;
  private final Timer dispatchOverhead;
  private final DistributionSummary chunkItems;
  private final Counter workSeconds;
  private final Map<JobState, Counter> finished = new EnumMap<>(JobState.class);
  private final Map<FunctionRuntime, OfRuntime> byRuntime = new EnumMap<>(FunctionRuntime.class);

  private record OfRuntime(
      Counter succeeded,
      Counter cached,
      Counter failed,
      Counter skipped,
      Timer chunks,
      Map<String, Counter> endsOfWorkers) {}

  public JobMetrics(MeterRegistry registry) {
    queueWait =
        histogram(registry, "manyhands.job.queue.wait", "From submission to the first chunk");
    duration = histogram(registry, "manyhands.job.duration", "From the first chunk to the end");
    dispatchOverhead =
        histogram(
            registry,
            "manyhands.dispatch.overhead",
            "Of a chunk's time, what its worker did not spend on it");
    chunkItems =
        DistributionSummary.builder("manyhands.chunk.items")
            .description("Items in a worker's report")
            .serviceLevelObjectives(1, 10, 100, 1_000, 10_000, 100_000)
            .register(registry);
    workSeconds =
        Counter.builder("manyhands.work.seconds")
            .description("Time inside functions")
            .register(registry);
    for (JobState state : JobState.values()) {
      if (state.isTerminal()) {
        finished.put(
            state,
            Counter.builder("manyhands.jobs.finished")
                .description("Jobs that ended")
                .tag("state", state.name())
                .register(registry));
      }
    }
    for (FunctionRuntime runtime : FunctionRuntime.values()) {
      byRuntime.put(
          runtime,
          new OfRuntime(
              items(registry, runtime, "succeeded"),
              items(registry, runtime, "cached"),
              items(registry, runtime, "failed"),
              items(registry, runtime, "skipped"),
              Timer.builder("manyhands.chunk.duration")
                  .description("From handing a chunk over to its report")
                  .tag("runtime", runtime.label())
                  .publishPercentileHistogram()
                  .minimumExpectedValue(Duration.ofMillis(1))
                  .maximumExpectedValue(Duration.ofMinutes(10))
                  .register(registry),
              PoolListener.reasons().stream()
                  .collect(
                      Collectors.toMap(
                          Function.identity(), reason -> ends(registry, runtime, reason)))));
    }
  }

  /**
   * Registers a counter that starts at zero. A rate never includes the first event of a counter
   * that appears with this event.
   */
  private static Counter ends(MeterRegistry registry, FunctionRuntime runtime, String reason) {
    return Counter.builder("manyhands.worker.restarts")
        .description("Workers that ended, by why")
        .tag("runtime", runtime.label())
        .tag("reason", reason)
        .register(registry);
  }

  private static Timer histogram(MeterRegistry registry, String name, String description) {
    return Timer.builder(name)
        .description(description)
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofMillis(1))
        .maximumExpectedValue(Duration.ofHours(1))
        .register(registry);
  }

  private static Counter items(MeterRegistry registry, FunctionRuntime runtime, String outcome) {
    return Counter.builder("manyhands.items")
        .description("Items that got an outcome")
        .tag("outcome", outcome)
        .tag("runtime", runtime.label())
        .register(registry);
  }

  private OfRuntime of(FunctionRuntime runtime) {
    return Objects.requireNonNull(byRuntime.get(runtime), "there are meters for all runtimes");
  }

  private OfRuntime of(Job job) {
    return of(job.spec().function().definition().runtime());
  }

  @Override
  public void started(Job job, Duration waited) {
    queueWait.record(waited.isNegative() ? Duration.ZERO : waited);
  }

  @Override
  public void reported(Job job, OutcomeReport report) {
    var outcomes = report.outcomes();
    int failed = outcomes.errors().size();
    OfRuntime meters = of(job);
    if (report.worker() == OutcomeReport.REMEMBERED) {
      meters.cached().increment((double) outcomes.items().count());
      return;
    }
    meters.failed().increment(failed);
    meters.succeeded().increment((double) (outcomes.items().count() - failed));
    chunkItems.record((double) outcomes.items().count());
    var cost = outcomes.cost();
    workSeconds.increment(cost.run());
    Duration took = Duration.between(report.startedAt(), report.finishedAt());
    meters.chunks().record(took.isNegative() ? Duration.ZERO : took);
    long work = (long) ((cost.run() + cost.read() + cost.write()) * 1e9);
    dispatchOverhead.record(Duration.ofNanos(Math.max(0, took.toNanos() - work)));
  }

  @Override
  public void finished(Job job, JobStatus status) {
    Counter counter = finished.get(status.state());
    if (counter != null) {
      counter.increment();
    }
    of(job).skipped().increment((double) status.tally().skipped());
    if (status.startedAt() != null && status.finishedAt() != null) {
      Duration took = Duration.between(status.startedAt(), status.finishedAt());
      duration.record(took.isNegative() ? Duration.ZERO : took);
    }
  }

  @Override
  public void ended(FunctionRuntime runtime, String reason) {
    Objects.requireNonNull(of(runtime).endsOfWorkers().get(reason), "a reason of the pool's own")
        .increment();
  }

  /**
   * Returns how many items have got an outcome in this life of the service, except skipped ones.
   */
  long itemsDone() {
    return byRuntime.values().stream()
        .flatMap(meters -> Stream.of(meters.succeeded(), meters.cached(), meters.failed()))
        .mapToLong(counter -> (long) counter.count())
        .sum();
  }

  /** Returns how many reports on items of workers have come in this life of the service. */
  long chunksDone() {
    return chunkItems.count();
  }

  /** Returns how many workers have ended, by reason, over all runtimes. */
  Map<String, Long> endsOfWorkers() {
    var ends = new TreeMap<String, Long>();
    byRuntime
        .values()
        .forEach(meters ->
            meters
                .endsOfWorkers()
                .forEach(
                    (reason, counter) -> ends.merge(reason, (long) counter.count(), Long::sum)));
    return ends;
  }
}
