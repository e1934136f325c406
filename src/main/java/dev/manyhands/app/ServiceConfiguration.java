package dev.manyhands.app;

import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.engine.memo.Memo;
import dev.manyhands.engine.memo.MemoSettings;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.scheduler.SchedulerPorts;
import dev.manyhands.engine.worker.StoredItems;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.process.UsageWatch;
import dev.manyhands.engine.worker.process.WorkerLauncher;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.function.BuiltIns;
import dev.manyhands.function.BundleCache;
import dev.manyhands.function.BundleLimits;
import dev.manyhands.function.Bundles;
import dev.manyhands.function.Functions;
import dev.manyhands.function.JarDirectory;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.StreamSettings;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.jobs.CallbackDuties;
import dev.manyhands.jobs.Retention;
import dev.manyhands.jobs.SubmissionListener;
import dev.manyhands.jobs.WaitingJobs;
import dev.manyhands.jobs.callback.CallbackSettings;
import dev.manyhands.jobs.callback.Callbacks;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.store.ComparisonStore;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.FunctionStore;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.sql.SqlStores;
import dev.manyhands.store.sql.StoreSettings;
import dev.manyhands.telemetry.JobMetrics;
import dev.manyhands.telemetry.JobTraces;
import dev.manyhands.telemetry.KnownHealth;
import dev.manyhands.telemetry.MemoMetrics;
import dev.manyhands.telemetry.ObservedSubmissions;
import dev.manyhands.telemetry.OtlpTraces;
import dev.manyhands.telemetry.OwnershipHealth;
import dev.manyhands.telemetry.PoolHealth;
import dev.manyhands.telemetry.ServiceMetrics;
import dev.manyhands.telemetry.StoreHealth;
import dev.manyhands.telemetry.StoreMetrics;
import dev.manyhands.telemetry.ThreadHealth;
import dev.manyhands.telemetry.TraceSettings;
import dev.manyhands.telemetry.WorkerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointProperties;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the parts of the service and passes to each the parts that it needs. */
@Configuration(proxyBeanMethods = false)
class ServiceConfiguration {

  @Bean
  Clock clock() {
    // The clock has the microseconds that the store keeps, so a job looks equal before and after a
    // restart.
    return Clock.tick(Clock.systemUTC(), Duration.of(1, ChronoUnit.MICROS));
  }

  @Bean(destroyMethod = "close")
  DataDirectory dataDirectory(ManyhandsProperties properties) {
    return DataDirectory.claim(properties.dataDir());
  }

  @Bean
  StoreSettings storeSettings(ManyhandsProperties properties, DataDirectory directory) {
    return storeSettings(properties, directory.path());
  }

  static StoreSettings storeSettings(ManyhandsProperties properties, Path directory) {
    var store = properties.store();
    return new StoreSettings(
        store.url(),
        directory,
        store.username(),
        store.password(),
        store.poolSize(),
        store.lockWait());
  }

  @Bean(destroyMethod = "close")
  SqlStores stores(
      StoreSettings settings, DataDirectory directory, Clock clock, MeterRegistry registry) {
    var stores = SqlStores.open(settings, clock, new StoreMetrics(registry));
    StoreMetrics.gauges(registry, stores, directory.path());
    return stores;
  }

  // Closed by the stores that contain them, after everything that uses them.
  @Bean(destroyMethod = "")
  JobStore jobStore(SqlStores stores) {
    return stores.jobs();
  }

  @Bean
  FunctionStore functionStore(SqlStores stores) {
    return stores.functions();
  }

  @Bean
  ComparisonStore comparisonStore(SqlStores stores) {
    return stores.comparisons();
  }

  @Bean
  DeliveryStore deliveryStore(SqlStores stores) {
    return stores.deliveries();
  }

  // Stopped after the scheduler, which may still end jobs, and before the stores.
  @Bean(initMethod = "start", destroyMethod = "close")
  Callbacks callbacks(ManyhandsProperties properties, DeliveryStore store, Clock clock) {
    var callback = properties.callback();
    String secret = callback.secret();
    return Callbacks.overHttp(
        new CallbackSettings(
            // Charts and shells set an empty value if there is no secret.
            secret == null || secret.isBlank() ? null : secret.strip(),
            callback.allowPrivate(),
            callback.attempts(),
            callback.timeout(),
            callback.concurrency()),
        store,
        clock,
        new SecureRandom());
  }

  @Bean
  JobBoard jobBoard() {
    return new JobBoard();
  }

  @Bean
  WorkerSettings workerSettings(ManyhandsProperties properties, DataDirectory directory) {
    var workers = properties.workers();
    int slots = slots(properties);
    int result =
        WorkerSettings.resultBytes(
            properties.limits().result().toBytes(), slots, Runtime.getRuntime().maxMemory());
    var limits = workerLimits(properties);
    return new WorkerSettings(
        slots,
        workers.maxIdle(),
        workers.idleTimeout(),
        workers.maxItems(),
        workers.maxRss().toBytes(),
        workers.stopGrace(),
        workers.startTimeout(),
        result,
        // Room for the longest result and its header.
        result + (1 << 20),
        directory.path(),
        directory.path().resolve("scratch"),
        workers.environment(),
        properties.python().interpreter(),
        properties.java().options(),
        properties.java().jars(),
        limits,
        Isolation.inForce(workers.sandbox(), limits, directory.path(), workers.user()));
  }

  static int slots(ManyhandsProperties properties) {
    int slots = properties.workers().slots();
    return slots > 0 ? slots : Runtime.getRuntime().availableProcessors();
  }

  static WorkerLimits workerLimits(ManyhandsProperties properties) {
    var workers = properties.workers();
    return new WorkerLimits(
        workers.memory().toBytes(),
        workers.memoryBudget().toBytes(),
        workers.openFiles(),
        workers.processes(),
        workers.fileSize().toBytes(),
        workers.cpuTime(),
        workers.scratch().toBytes());
  }

  @Bean
  StartReport startReport(
      ManyhandsProperties properties,
      WorkerSettings workers,
      StoreSettings store,
      ServerProperties server) {
    return new StartReport(new Doctor(properties), workers, store, server);
  }

  @Bean(destroyMethod = "close")
  JobLogs jobLogs(
      ManyhandsProperties properties, DataDirectory directory, JobStore store, Clock clock)
      throws IOException {
    return new JobLogs(
        directory.path().resolve("logs"),
        properties.limits().jobLog().toBytes(),
        id -> store.summary(id).isPresent(),
        clock);
  }

  @Bean
  BundleCache bundleCache(ManyhandsProperties properties, DataDirectory directory, SqlStores stores)
      throws IOException {
    var limits = properties.limits();
    return new BundleCache(
        directory.path().resolve("bundles"),
        stores.bundles(),
        new BundleLimits(
            limits.bundle().toBytes(), limits.bundleUnpacked().toBytes(), limits.bundleEntries()));
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Bundles bundles(SqlStores stores, BundleCache cache) {
    return new Bundles(stores.bundles(), cache);
  }

  @Bean(destroyMethod = "close")
  WorkerLauncher workerLauncher(
      WorkerSettings settings, JobStore store, BundleCache bundles, JobLogs logs)
      throws IOException {
    return new WorkerLauncher(settings, new StoredItems(store), bundles, logs);
  }

  @Bean
  JobMetrics jobMetrics(MeterRegistry registry) {
    return new JobMetrics(registry);
  }

  // Started and stopped by SchedulerLifecycle, in step with the web server.
  @Bean(destroyMethod = "")
  Scheduler scheduler(
      WorkerSettings settings,
      WorkerLauncher launcher,
      JobStore store,
      Memo memo,
      JobBoard board,
      JobMetrics metrics,
      JobTraces traces,
      Clock clock) {
    var listener = traces.andThen(metrics);
    var ports = new SchedulerPorts(store, memo, board, listener, clock);
    return new Scheduler(settings, launcher, metrics, ports);
  }

  /**
   * Makes spans only if there is an endpoint. Without one, the library that makes spans is not even
   * loaded.
   */
  @Bean
  JobTraces jobTraces(ManyhandsProperties properties, Clock clock) {
    var tracing = properties.tracing();
    String endpoint = tracing.endpoint();
    if (endpoint == null || endpoint.isBlank()) {
      return JobTraces.NONE;
    }
    var settings =
        new TraceSettings(
            endpoint.strip(),
            tracing.headers(),
            tracing.share(),
            tracing.service(),
            Doctor.version());
    return new OtlpTraces(settings, clock);
  }

  @Bean
  MemoMetrics memoMetrics(MeterRegistry registry) {
    return new MemoMetrics(registry);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Memo memo(
      ManyhandsProperties properties,
      SqlStores stores,
      MemoMetrics metrics,
      MeterRegistry registry,
      Clock clock) {
    var settings =
        new MemoSettings(
            properties.memo().maxBytes().toBytes(), properties.memo().maxValue().toBytes());
    var source = new StoredItems(stores.jobs());
    var memo = new Memo(settings, stores.memo(), source, metrics, clock);
    MemoMetrics.gauges(registry, memo);
    return memo;
  }

  @Bean(destroyMethod = "close")
  UsageWatch usageWatch(Scheduler scheduler) {
    return new UsageWatch(scheduler::workers, scheduler::observed);
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

  @Bean
  SubmissionListener submissionListener(JobTraces traces, ServiceMetrics metrics) {
    return new ObservedSubmissions(traces::submitting, metrics);
  }

  @Bean
  OpenStreams openStreams(MeterRegistry registry, ManyhandsProperties properties) {
    int most = properties.limits().streams();
    return new OpenStreams(
        registry, most > 0 ? most : OpenStreams.fitting(Runtime.getRuntime().maxMemory()));
  }

  @Bean
  StreamSettings streamSettings(ManyhandsProperties properties) {
    return new StreamSettings(properties.streams().heartbeat());
  }

  @Bean
  SchedulerLifecycle schedulerLifecycle(
      Scheduler scheduler,
      JobBoard board,
      UsageWatch usage,
      WaitingJobs waiting,
      CallbackDuties callbacks,
      ManyhandsProperties properties) {
    return new SchedulerLifecycle(
        scheduler, board, usage, waiting, callbacks, properties.shutdownGrace());
  }

  // Started and stopped by SchedulerLifecycle.
  @Bean(destroyMethod = "")
  WaitingJobs waitingJobs(
      JobStore store,
      Scheduler scheduler,
      JobBoard board,
      JobMetrics metrics,
      JobTraces traces,
      Clock clock) {
    return new WaitingJobs(store, scheduler, board, traces.andThen(metrics), clock);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Retention retention(JobStore store, JobLogs logs, Clock clock) {
    return new Retention(store, logs::forget, clock);
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

  @Bean
  StandDown standDown(
      SqlStores stores, SchedulerLifecycle lifecycle, Callbacks callbacks, Retention retention) {
    return new StandDown(stores, lifecycle, callbacks, retention);
  }

  /** Watches all threads without which accepted work would stop. */
  @Bean
  ThreadHealth threadsHealthIndicator(
      Scheduler scheduler,
      SqlStores stores,
      WaitingJobs waiting,
      Callbacks callbacks,
      Retention retention,
      JobLogs logs) {
    return new ThreadHealth(
        Map.of(
            "scheduler", scheduler::isRunning,
            "store-writer", stores::isWriting,
            "waiting-jobs", waiting::isRunning,
            "callbacks", callbacks::isRunning,
            "retention", retention::isRunning,
            "job-logs", logs::isRunning));
  }

  @Bean
  KnownHealth knownHealth(
      HealthContributorRegistry components,
      HealthEndpointGroups groups,
      HealthEndpointProperties properties) {
    return new KnownHealth(components, groups, properties.getLogging().getSlowIndicatorThreshold());
  }

  @Bean
  Functions functions(
      FunctionStore store, ManyhandsProperties properties, Bundles bundles, Clock clock) {
    var jars = new JarDirectory(properties.java().jars());
    return new Functions(store, new BuiltIns(), jars, bundles, clock);
  }

  /** The part of the heap, one in this many, that the data of unfinished jobs may fill. */
  private static final int HEAP_SHARE = 8;

  @Bean
  ApiLimits apiLimits(ManyhandsProperties properties) {
    var limits = properties.limits();
    return new ApiLimits(
        limits.body().toBytes(),
        limits.items(),
        limits.unfinishedJobs(),
        Runtime.getRuntime().maxMemory() / HEAP_SHARE,
        new JsonLimits(
            limits.depth(), limits.numberLength(), Math.toIntExact(limits.item().toBytes())),
        Math.toIntExact(limits.spec().toBytes()),
        properties.workers().memoryBudget().toBytes() > 0
            ? properties.workers().memoryBudget().toBytes()
            : WorkerLimits.machineMemoryBytes(),
        properties.workers().cpuTime(),
        limits.jobLog().toBytes(),
        properties.retention());
  }
}
