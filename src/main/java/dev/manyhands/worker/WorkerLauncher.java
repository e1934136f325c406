package dev.manyhands.worker;

import dev.manyhands.function.BundleCache;
import dev.manyhands.job.Bundle;
import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.FunctionRuntime;
import dev.manyhands.job.JobError;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.DirectoryTree;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts workers, one after the other: a thread of its own makes ready what each needs, and a
 * {@link ParentThread} becomes its parent.
 */
public final class WorkerLauncher implements AutoCloseable {
  /** The variable that tells a worker, and all that it starts, where its control page is. */
  static final String CONTROL = "MANYHANDS_CONTROL";

  private static final Logger log = LoggerFactory.getLogger(WorkerLauncher.class);
  private static final Duration OUTAGE_PAUSE = Duration.ofSeconds(1);
  private static final Duration OUTAGE_TOLD_EVERY = Duration.ofMinutes(1);

  private final ExecutorService launcher =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("worker-launcher").unstarted(task));

  /** Not the one that starts workers: to delete a million files takes a while. */
  private final ExecutorService cleaner =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("worker-cleaner").unstarted(task));

  private final ProcessGroups groups = new ProcessGroups();
  private final Confinement confinement;

  /** Runs what is given to it a while later. */
  private final Executor later =
      CompletableFuture.delayedExecutor(OUTAGE_PAUSE.toMillis(), TimeUnit.MILLISECONDS);

  private final Map<FunctionRuntime, RuntimeAdapter> adapters =
      new EnumMap<>(FunctionRuntime.class);
  private final WorkerSettings settings;
  private final ItemSource source;
  private final BundleCache bundles;
  private final LogSink printed;

  /** When the log told of an outage last. A line more does no harm. */
  private volatile long outageToldNanos = System.nanoTime() - OUTAGE_TOLD_EVERY.toNanos() - 1;

  /**
   * Unpacks the harnesses, ends what functions of an earlier service left running, and removes what
   * it left in the scratch directory.
   *
   * @param printed takes what workers print
   * @throws IOException if the scratch directory cannot be used
   */
  public WorkerLauncher(
      WorkerSettings settings, ItemSource source, BundleCache bundles, LogSink printed)
      throws IOException {
    this.bundles = bundles;
    this.settings = settings;
    this.source = source;
    this.printed = printed;
    Strays.endAllOfEarlierService(settings.scratch().toAbsolutePath());
    DirectoryTree.delete(settings.scratch());
    Path harness = settings.scratch().resolve("harness").toAbsolutePath();
    var harnesses = Harnesses.unpack(harness);
    this.confinement =
        new Confinement(
            settings.isolation(),
            settings.limits(),
            settings.dataDirectory(),
            List.of(harness, bundles.directory(), settings.jarDirectory()));
    for (RuntimeAdapter adapter :
        List.of(
            new PythonAdapter(settings.python(), harnesses.python(), bundles::directoryOf),
            new JavaAdapter(
                harnesses.java(),
                settings.javaOptions(),
                settings.jarDirectory(),
                bundles::directoryOf),
            new CommandAdapter(bundles::directoryOf))) {
      adapters.put(adapter.runtime(), adapter);
    }
  }

  /**
   * Starts a process for the worker, in time.
   *
   * @param events takes all that happens to it
   */
  void launch(Worker worker, Consumer<WorkerEvent> events) {
    Bundle bundle = worker.firstJob.spec().function().definition().bundle();
    if (bundle == null || bundles.has(bundle)) {
      launcher.execute(() -> start(worker, events));
    } else {
      // Unpacking may take a while, and other workers are to be started meanwhile.
      Thread.ofVirtual().start(() -> provideAndStart(worker, bundle, events));
    }
  }

  private void provideAndStart(Worker worker, Bundle bundle, Consumer<WorkerEvent> events) {
    try {
      bundles.provide(bundle);
    } catch (IOException | RuntimeException e) {
      var error =
          new JobError(
              "FUNCTION_NOT_LOADED",
              "the bundle of the function cannot be laid out for workers: " + e.getMessage(),
              null);
      notLaunched(worker, error, fault(e), events);
      return;
    }
    try {
      launcher.execute(() -> start(worker, events));
    } catch (RejectedExecutionException stopping) {
      // Nobody waits for this worker any more.
    }
  }

  private static StartFault fault(Exception e) {
    return switch (e) {
      case FileNotFoundException gone -> StartFault.FUNCTION;
      case ZipException damaged -> StartFault.PASSING;
      case IOException diskFull -> StartFault.OUTAGE;
      case StoreException away -> StartFault.OUTAGE;
      default -> StartFault.PASSING;
    };
  }

  /** Tells of it; in an outage a while later, because it will be tried again at once. */
  private void notLaunched(
      Worker worker, JobError error, StartFault fault, Consumer<WorkerEvent> events) {
    var event = new WorkerEvent.NotLaunched(worker.id, error, fault);
    if (fault != StartFault.OUTAGE) {
      events.accept(event);
      return;
    }
    long now = System.nanoTime();
    if (now - outageToldNanos > OUTAGE_TOLD_EVERY.toNanos()) {
      outageToldNanos = now;
      log.warn("workers cannot be started and are tried again: {}", error.message());
    }
    later.execute(() -> events.accept(event));
  }

  private void start(Worker worker, Consumer<WorkerEvent> events) {
    FunctionDefinition definition = worker.firstJob.spec().function().definition();
    RuntimeAdapter adapter = adapter(definition);
    long memory = worker.memoryBytes;
    List<String> command = adapter.command(definition, memory);
    String program = command.getFirst();
    if (Executables.find(program).isEmpty()) {
      var error =
          new JobError(
              "WORKER_NOT_STARTED",
              "there is no executable '" + program + "': " + adapter.mend(),
              null);
      events.accept(new WorkerEvent.NotLaunched(worker.id, error, StartFault.FUNCTION));
      return;
    }
    String problem = adapter.problem(definition);
    if (problem != null) {
      var error = new JobError("FUNCTION_NOT_LOADED", problem, null);
      events.accept(new WorkerEvent.NotLaunched(worker.id, error, StartFault.FUNCTION));
      return;
    }
    Path directory = settings.scratch().resolve("worker-" + worker.id).toAbsolutePath();
    Path home = directory.resolve("home");
    Path pageFile = directory.resolve("control");
    ControlPage page;
    try {
      Files.createDirectories(home);
      page = ControlPage.create(pageFile);
    } catch (IOException diskFull) {
      String message = "the scratch directory of a worker cannot be made: " + diskFull.getMessage();
      var error = new JobError("WORKER_NOT_STARTED", message, null);
      deleteQuietly(directory);
      notLaunched(worker, error, StartFault.OUTAGE, events);
      return;
    }
    try {
      var builder =
          new ProcessBuilder(confinement.wrap(command, memory, directory)).directory(home.toFile());
      environment(builder.environment(), home, pageFile, definition.bundle());
      if (worker.traceparent != null) {
        builder.environment().put("TRACEPARENT", worker.traceparent);
      }
      Process process =
          ParentThread.start(
              "worker-" + worker.id + "-parent",
              () -> confinement.confineThread(directory),
              builder);
      var inputs = new WatchedSource(source);
      WorkerChannel channel =
          Worker.speaksLines(definition)
              ? new LineChannel(worker.id, process, page, inputs, settings, events)
              : new FrameChannel(worker.id, process, adapter, inputs, settings, events);
      var text = new PrintedText(worker, process, page, printed);
      var running =
          new WorkerProcess(
              worker, process, groups, page, directory, channel, inputs, text, events);
      events.accept(new WorkerEvent.Launched(worker.id, running));
      running.serve();
      ScratchWatch.begin(worker.id, process, directory, settings.limits().scratchBytes(), events);
    } catch (IOException e) {
      var error =
          new JobError("WORKER_NOT_STARTED", "a worker cannot be started: " + e.getMessage(), null);
      page.close();
      deleteQuietly(directory);
      events.accept(new WorkerEvent.NotLaunched(worker.id, error, StartFault.PASSING));
    }
  }

  private static void deleteQuietly(Path directory) {
    try {
      DirectoryTree.delete(directory);
    } catch (IOException left) {
      log.debug("{} is left for the next start", directory, left);
    }
  }

  RuntimeAdapter adapter(FunctionDefinition definition) {
    var adapter = adapters.get(definition.runtime());
    if (adapter == null) {
      throw new IllegalStateException("no adapter for " + definition.runtime());
    }
    return adapter;
  }

  /** A worker inherits nothing: the service's own environment holds its secrets. */
  private void environment(
      Map<String, String> environment, Path home, Path pageFile, @Nullable Bundle bundle) {
    environment.clear();
    environment.put("PATH", Executables.path());
    environment.put("LANG", "C.UTF-8");
    environment.put("HOME", home.toString());
    environment.put("TMPDIR", home.toString());
    environment.put("MANYHANDS_PROTOCOL", "1");
    environment.put(CONTROL, pageFile.toString());
    if (bundle != null) {
      environment.put("MANYHANDS_BUNDLE", bundles.directoryOf(bundle).toString());
    }
    // The order of a Python set of strings must not differ from worker to worker: same inputs, same
    // results.
    environment.put("PYTHONHASHSEED", "0");
    // The pool already uses every processor: threads inside numeric libraries would only fight over
    // them.
    for (String library : List.of("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")) {
      environment.put(library + "_NUM_THREADS", "1");
    }
    environment.putAll(settings.environment());
  }

  /** Frees what a worker that is gone had; returns at once. */
  void discard(WorkerProcess process) {
    cleaner.execute(process::discard);
  }

  /** Ends after all workers are gone. */
  @Override
  public void close() {
    launcher.close();
    cleaner.close();
  }
}
