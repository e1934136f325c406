package dev.manyhands.app;

import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.shared.SharedSets;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.process.UsageWatch;
import dev.manyhands.engine.worker.process.WorkerLauncher;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.StreamSettings;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.jobs.CallbackTrigger;
import dev.manyhands.jobs.Leases;
import dev.manyhands.jobs.NamedSets;
import dev.manyhands.jobs.Retention;
import dev.manyhands.jobs.WaitingJobs;
import dev.manyhands.jobs.callback.AllowedReceivers;
import dev.manyhands.jobs.callback.CallbackSettings;
import dev.manyhands.jobs.callback.Callbacks;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.store.ComparisonStore;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.FunctionStore;
import dev.manyhands.store.JobSearch;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.NamedSetStore;
import dev.manyhands.store.sql.SqlStores;
import dev.manyhands.store.sql.StoreSettings;
import dev.manyhands.telemetry.JobMetrics;
import dev.manyhands.telemetry.JobTraces;
import dev.manyhands.telemetry.StoreMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the store, the parts that work on jobs, and the order of start and stop. */
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

  // The stores below are closed by SqlStores, after everything that uses them.
  @Bean(destroyMethod = "")
  JobStore jobStore(SqlStores stores) {
    return stores.jobs();
  }

  @Bean
  JobSearch jobSearch(SqlStores stores) {
    return stores.search();
  }

  @Bean
  NamedSetStore namedSetStore(SqlStores stores) {
    return stores.sharedSets();
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
    return Callbacks.overHttp(callbackSettings(properties), store, clock, new SecureRandom());
  }

  static CallbackSettings callbackSettings(ManyhandsProperties properties) {
    var callback = properties.callback();
    String secret = callback.secret();
    return new CallbackSettings(
        // Charts and shells set an empty value if there is no secret.
        secret == null || secret.isBlank() ? null : secret.strip(),
        AllowedReceivers.of(callback.allowPrivate(), callback.allow()),
        callback.attempts(),
        callback.timeout(),
        callback.concurrency());
  }

  @Bean
  StartReport startReport(
      ManyhandsProperties properties,
      WorkerSettings workers,
      WorkerLauncher launcher,
      StoreSettings store,
      ServerProperties server) {
    return new StartReport(new Doctor(properties, launcher.python()), workers, store, server);
  }

  @Bean
  OpenStreams openStreams(MeterRegistry registry, ManyhandsProperties properties) {
    int most = properties.limits().streams();
    return new OpenStreams(
        registry, most > 0 ? most : OpenStreams.fitting(Runtime.getRuntime().maxMemory()));
  }

  @Bean
  static StreamSettings streamSettings(ManyhandsProperties properties) {
    return new StreamSettings(properties.streams().heartbeat());
  }

  @Bean
  SchedulerLifecycle schedulerLifecycle(
      Scheduler scheduler,
      JobBoard board,
      UsageWatch usage,
      WaitingJobs waiting,
      Leases leases,
      CallbackTrigger callbacks,
      SharedSets shared,
      ManyhandsProperties properties) {
    return new SchedulerLifecycle(
        scheduler, board, usage, waiting, leases, callbacks, shared, properties.shutdownGrace());
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

  // Started and stopped by SchedulerLifecycle.
  @Bean(destroyMethod = "")
  Leases leases(Scheduler scheduler, JobBoard board) {
    return new Leases(board, scheduler::abandon, System::nanoTime);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Retention retention(JobStore store, JobLogs logs, JobBoard board, NamedSets sets, Clock clock) {
    return new Retention(
        store,
        id -> {
          logs.forget(id);
          board.deleted(id);
        },
        sets::sweep,
        clock);
  }

  @Bean
  StandDown standDown(
      SqlStores stores, SchedulerLifecycle lifecycle, Callbacks callbacks, Retention retention) {
    return new StandDown(stores, lifecycle, callbacks, retention);
  }

  /** The code and arguments of unfinished jobs may fill the heap divided by this number. */
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
        properties.shared().maxBytes().toBytes(),
        properties.shared().sets(),
        properties.retention());
  }
}
