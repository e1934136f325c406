package dev.manyhands.app;

import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.worker.process.UsageWatch;
import dev.manyhands.function.Bundles;
import dev.manyhands.http.service.Build;
import dev.manyhands.jobs.Leases;
import dev.manyhands.jobs.Retention;
import dev.manyhands.jobs.SubmissionListener;
import dev.manyhands.jobs.WaitingJobs;
import dev.manyhands.jobs.callback.Callbacks;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.sql.SqlStores;
import dev.manyhands.telemetry.JobMetrics;
import dev.manyhands.telemetry.JobTraces;
import dev.manyhands.telemetry.KnownHealth;
import dev.manyhands.telemetry.MemoMetrics;
import dev.manyhands.telemetry.ObservedSubmissions;
import dev.manyhands.telemetry.OtlpTraces;
import dev.manyhands.telemetry.OwnershipHealth;
import dev.manyhands.telemetry.PoolHealth;
import dev.manyhands.telemetry.SampledActivity;
import dev.manyhands.telemetry.ServiceMetrics;
import dev.manyhands.telemetry.StoreHealth;
import dev.manyhands.telemetry.ThreadHealth;
import dev.manyhands.telemetry.TraceSettings;
import dev.manyhands.telemetry.WorkerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointProperties;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes meters, spans and health checks. The configurations of the observed parts take them as
 * listeners.
 */
@Configuration(proxyBeanMethods = false)
class TelemetryConfiguration {

  @Bean
  JobMetrics jobMetrics(MeterRegistry registry) {
    return new JobMetrics(registry);
  }

  /**
   * Makes spans only if there is an endpoint. Without one, the library that makes spans is not even
   * loaded.
   */
  @Bean
  JobTraces jobTraces(ManyhandsProperties properties, Clock clock) {
    TraceSettings settings = traceSettings(properties);
    return settings == null ? JobTraces.NONE : new OtlpTraces(settings, clock);
  }

  /** Returns null if there is no endpoint. */
  static @Nullable TraceSettings traceSettings(ManyhandsProperties properties) {
    var tracing = properties.tracing();
    String endpoint = tracing.endpoint();
    if (endpoint == null || endpoint.isBlank()) {
      return null;
    }
    return new TraceSettings(
        endpoint.strip(),
        tracing.headers(),
        tracing.share(),
        tracing.service(),
        Build.read().version());
  }

  @Bean
  MemoMetrics memoMetrics(MeterRegistry registry) {
    return new MemoMetrics(registry);
  }

  @Bean
  WorkerMetrics workerMetrics(UsageWatch usage, MeterRegistry registry) {
    return new WorkerMetrics(usage::last, registry);
  }

  @Bean
  ServiceMetrics serviceMetrics(
      JobStore store, Scheduler scheduler, JobBoard board, MeterRegistry registry) {
    return new ServiceMetrics(store, scheduler, board, registry);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  SampledActivity activity(Scheduler scheduler, JobBoard board, JobMetrics metrics, Clock clock) {
    return new SampledActivity(scheduler, board, metrics, clock);
  }

  @Bean
  SubmissionListener submissionListener(JobTraces traces, ServiceMetrics metrics) {
    return new ObservedSubmissions(traces::submitting, metrics);
  }

  @Bean
  StoreHealth storeHealthIndicator(JobStore store) {
    return new StoreHealth(store);
  }

  @Bean
  PoolHealth poolHealthIndicator(Scheduler scheduler) {
    return new PoolHealth(scheduler);
  }

  @Bean
  OwnershipHealth ownershipHealthIndicator(SqlStores stores) {
    return new OwnershipHealth(stores);
  }

  /**
   * Watches all threads without which work would stop, a limit would not hold, or a view would
   * stand still. All other threads come back by themselves. An executor replaces the threads of
   * launcher, cleaners, memo and reductions, and the thread of a worker ends with the worker.
   */
  @Bean
  ThreadHealth threadsHealthIndicator(
      Scheduler scheduler,
      SqlStores stores,
      WaitingJobs waiting,
      Callbacks callbacks,
      Leases leases,
      Retention retention,
      JobLogs logs,
      UsageWatch usage,
      Bundles bundles,
      SampledActivity activity) {
    return new ThreadHealth(
        Map.ofEntries(
            Map.entry("scheduler", scheduler::isRunning),
            Map.entry("store-writer", stores::isWriting),
            Map.entry("store-watch", stores::isWatched),
            Map.entry("waiting-jobs", waiting::isRunning),
            Map.entry("callbacks", callbacks::isRunning),
            Map.entry("leases", leases::isRunning),
            Map.entry("retention", retention::isRunning),
            Map.entry("job-logs", logs::isRunning),
            Map.entry("worker-sampler", usage::isRunning),
            Map.entry("bundle-sweeper", bundles::isRunning),
            Map.entry("activity", activity::isRunning)));
  }

  @Bean
  KnownHealth knownHealth(
      HealthContributorRegistry components,
      HealthEndpointGroups groups,
      HealthEndpointProperties properties) {
    return new KnownHealth(components, groups, properties.getLogging().getSlowIndicatorThreshold());
  }
}
