package dev.manyhands.http.service;

import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.function.BundleLimits;
import dev.manyhands.function.Bundles;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.Patience;
import dev.manyhands.http.result.ResultsController;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.support.Word;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The service itself over HTTP. */
@RestController
@RequestMapping("/api/v1")
class ServiceController {
  private final Scheduler scheduler;
  private final ApiLimits limits;
  private final WorkerSettings settings;
  private final BundleLimits bundles;
  private final OpenStreams streams;

  ServiceController(
      Scheduler scheduler,
      ApiLimits limits,
      WorkerSettings settings,
      Bundles bundles,
      OpenStreams streams) {
    this.streams = streams;
    this.bundles = bundles.limits();
    this.scheduler = scheduler;
    this.limits = limits;
    this.settings = settings;
  }

  record WorkerList(List<WorkerEntry> workers) {}

  record WorkerEntry(
      long id,
      long pid,
      String runtime,
      String version,
      String state,
      String function,
      @Nullable String job,
      @Nullable Long item,
      long rssBytes,
      double cpuSeconds,
      long chunksDone,
      long itemsDone,
      Instant startedAt) {}

  /**
   * The caps in force; 0 for none.
   *
   * @param retentionSeconds null if jobs without a {@code ttl} are never deleted
   */
  record LimitsView(
      int slots,
      long maxBodyBytes,
      int maxSpecBytes,
      long maxItems,
      int maxItemBytes,
      int maxJsonDepth,
      int maxNumberLength,
      int maxResultBytes,
      long jobLogBytes,
      long maxSharedBytes,
      int maxSharedSets,
      long maxUnfinishedJobs,
      long maxUnfinishedBytes,
      int maxStreams,
      long maxBundleBytes,
      long maxBundleUnpackedBytes,
      int maxBundleEntries,
      long workerMemoryBytes,
      long memoryBudgetBytes,
      int workerOpenFiles,
      int workerProcesses,
      long workerFileBytes,
      double workerCpuSeconds,
      long workerScratchBytes,
      String sandbox,
      String dataDirectory,
      String systemCalls,
      int maxResultsPerPage,
      double maxWaitSeconds,
      @Nullable Double retentionSeconds) {}

  @GetMapping("/workers")
  WorkerList workers() {
    return new WorkerList(
        scheduler.workers().join().stream().map(ServiceController::entry).toList());
  }

  private static WorkerEntry entry(WorkerView worker) {
    return new WorkerEntry(
        worker.id(),
        worker.pid(),
        worker.runtime().label(),
        worker.version(),
        worker.state().name(),
        worker.function(),
        worker.job() == null ? null : worker.job().toString(),
        worker.item(),
        worker.rssBytes(),
        worker.cpuSeconds(),
        worker.chunksDone(),
        worker.itemsDone(),
        worker.startedAt());
  }

  @GetMapping("/limits")
  LimitsView limits() {
    return new LimitsView(
        settings.pool().slots(),
        limits.maxBodyBytes(),
        limits.maxSpecBytes(),
        limits.maxItems(),
        limits.json().maxValueBytes(),
        limits.json().maxDepth(),
        limits.json().maxNumberLength(),
        settings.channel().maxResultBytes(),
        limits.jobLogBytes(),
        limits.maxSharedBytes(),
        limits.maxSharedSets(),
        limits.maxUnfinishedJobs(),
        limits.maxUnfinishedBytes(),
        streams.most(),
        bundles.maxBytes(),
        bundles.maxUnpackedBytes(),
        bundles.maxEntries(),
        settings.limits().memoryBytes(),
        settings.limits().memoryBudgetBytes(),
        settings.limits().openFiles(),
        settings.limits().processes(),
        settings.limits().fileBytes(),
        settings.limits().cpuTime().toMillis() / 1000.0,
        settings.limits().scratchBytes(),
        Word.of(settings.isolation().sandbox()),
        settings.isolation().dataDirectory(),
        settings.isolation().systemCalls(),
        ResultsController.MAX_PER_PAGE,
        Patience.MAX.toMillis() / 1000.0,
        limits.retention() == null ? null : limits.retention().toMillis() / 1000.0);
  }
}
