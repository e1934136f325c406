package dev.manyhands.app;

import dev.manyhands.app.install.Layout;
import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.engine.logs.LogDirectory;
import dev.manyhands.engine.memo.Memo;
import dev.manyhands.engine.memo.MemoSettings;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.scheduler.SchedulerPorts;
import dev.manyhands.engine.shared.SharedSets;
import dev.manyhands.engine.worker.ChannelLimits;
import dev.manyhands.engine.worker.PoolSettings;
import dev.manyhands.engine.worker.RuntimeSettings;
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
import dev.manyhands.jobs.NamedSets;
import dev.manyhands.model.JobId;
import dev.manyhands.store.FunctionStore;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.NamedSetStore;
import dev.manyhands.store.sql.SqlStores;
import dev.manyhands.support.DirectoryTree;
import dev.manyhands.telemetry.JobMetrics;
import dev.manyhands.telemetry.JobTraces;
import dev.manyhands.telemetry.MemoMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.function.Predicate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the engine: workers, scheduler, memo, logs, and the functions that they run. */
@Configuration(proxyBeanMethods = false)
class EngineConfiguration {

  @Bean
  JobBoard jobBoard() {
    return new JobBoard();
  }

  @Bean
  WorkerSettings workerSettings(ManyhandsProperties properties, DataDirectory directory) {
    var workers = properties.workers();
    int slots = slots(properties);
    int result =
        ChannelLimits.resultBytes(
            properties.limits().result().toBytes(), slots, Runtime.getRuntime().maxMemory());
    var limits = workerLimits(properties);
    return new WorkerSettings(
        new PoolSettings(
            slots,
            workers.maxIdle(),
            workers.idleTimeout(),
            workers.maxItems(),
            workers.maxRss().toBytes(),
            workers.stopGrace(),
            workers.startTimeout()),
        new ChannelLimits(
            result,
            // Room for the longest result and its header.
            result + (1 << 20)),
        new RuntimeSettings(
            workers.environment(),
            properties.python().interpreter(),
            properties.java().options(),
            properties.java().jars(),
            Layout.ofThisProcess().map(Layout::directory).orElse(null)),
        directory.path(),
        directory.path().resolve("scratch"),
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

  @Bean(destroyMethod = "close")
  JobLogs jobLogs(
      ManyhandsProperties properties,
      DataDirectory directory,
      SqlStores stores,
      Clock clock,
      JobBoard board)
      throws IOException {
    Predicate<JobId> isThere = id -> stores.jobs().summary(id).isPresent();
    Path logs = directory.path().resolve("logs");
    return new JobLogs(
        LogDirectory.of(logs, stores.identity(), isThere),
        properties.limits().jobLog().toBytes(),
        isThere,
        clock,
        board::printed);
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
      WorkerSettings settings, JobStore store, BundleCache bundles, JobLogs logs, SharedSets shared)
      throws IOException {
    return new WorkerLauncher(settings, new StoredItems(store), bundles, logs, shared::opened);
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

  @Bean
  SharedSets sharedSets(
      ManyhandsProperties properties, DataDirectory directory, SqlStores stores, JobBoard board)
      throws IOException {
    Path pages = directory.path().resolve("shared");
    DirectoryTree.delete(pages); // an earlier service may have died with its jobs
    return new SharedSets(
        stores.shared(),
        pages,
        properties.shared().maxBytes().toBytes(),
        id -> board.status(id).isPresent());
  }

  @Bean
  NamedSets namedSets(
      ManyhandsProperties properties, NamedSetStore store, SharedSets sets, Clock clock) {
    return new NamedSets(store, sets, properties.shared().sets(), clock, new SecureRandom());
  }

  @Bean(destroyMethod = "close")
  UsageWatch usageWatch(Scheduler scheduler) {
    return new UsageWatch(scheduler::workers, scheduler::observed);
  }

  @Bean
  Functions functions(
      FunctionStore store, ManyhandsProperties properties, Bundles bundles, Clock clock) {
    var jars = new JarDirectory(properties.java().jars());
    return new Functions(store, new BuiltIns(), jars, bundles, clock);
  }
}
