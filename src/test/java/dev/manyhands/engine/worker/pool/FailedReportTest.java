package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.ChannelLimits;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.engine.worker.PoolSettings;
import dev.manyhands.engine.worker.RuntimeSettings;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.process.WorkerLauncher;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.function.BundleCache;
import dev.manyhands.function.BundleLimits;
import dev.manyhands.function.NoBundles;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionDefinition.Protocol;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports about real workers that fail once, for example because the service has no memory. */
class FailedReportTest {
  @TempDir private Path directory;

  private final Queue<WorkerEvent> seen = new ConcurrentLinkedQueue<>();

  @Test
  void aWorkerThatBrokeTheProtocolEndsAllTheSame() throws IOException {
    start("echo garbagegarbagegarbage; exec sleep 600", WorkerEvent.Broken.class);
    await(WorkerEvent.Gone.class);
  }

  @Test
  void aDirectoryThatIsTooLargeIsReportedLater() throws IOException {
    start("head -c 9000000 /dev/zero > large; exec sleep 600", WorkerEvent.ScratchFull.class);
    await(WorkerEvent.ScratchFull.class);
  }

  private void await(Class<? extends WorkerEvent> wanted) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> seen.stream().anyMatch(wanted::isInstance));
    seen.stream()
        .filter(WorkerEvent.Launched.class::isInstance)
        .forEach(event -> ((WorkerEvent.Launched) event).process().kill());
  }

  /** Starts a command whose first event of this kind cannot be taken. */
  private void start(String script, Class<? extends WorkerEvent> failing) throws IOException {
    var settings =
        new WorkerSettings(
            new PoolSettings(
                2, 1, Duration.ofMinutes(1), 0, 0, Duration.ofSeconds(1), Duration.ofSeconds(10)),
            new ChannelLimits(1 << 16, 1 << 17),
            new RuntimeSettings(Map.of(), "python3", List.of(), directory.resolve("jars"), null),
            directory,
            directory.resolve("scratch"),
            new WorkerLimits(0, 0, 0, 0, 0, Duration.ZERO, 1 << 20),
            Isolation.NONE);
    ItemSource source =
        (job, items, most) ->
            new ItemSource.Items(ItemRange.ofCount(items.first(), 1), new byte[] {'1'});
    var bundles =
        new BundleCache(directory.resolve("bundles"), new NoBundles(), new BundleLimits(1, 1, 1));
    var launcher =
        new WorkerLauncher(
            settings,
            source,
            bundles,
            LogSink.NONE,
            (job, worker) -> {
              throw new IllegalStateException("no job has shared objects");
            });
    var definition = new Command(List.of("sh", "-c", script), Protocol.FRAMES);
    var job = PoolStage.job("x", definition, 1, JobSpec.Timeouts.NONE, null, null);
    var orders = new LinkedBlockingDeque<WorkerMessage>(List.of(new WorkerMessage.Load(job)));
    var hasFailed = new AtomicBoolean();
    launcher.start(
        new Launch(1, job, 0, null, orders),
        event -> {
          if (failing.isInstance(event) && hasFailed.compareAndSet(false, true)) {
            throw new OutOfMemoryError("planned");
          }
          seen.add(event);
        });
  }
}
