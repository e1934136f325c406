package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.shared.SharedSet;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.WorkerStarter;
import dev.manyhands.engine.worker.output.PrintedText;
import dev.manyhands.engine.worker.protocol.RuntimeAdapter;
import dev.manyhands.engine.worker.protocol.WorkerChannel;
import dev.manyhands.engine.worker.sandbox.Confinement;
import dev.manyhands.engine.worker.sandbox.Executables;
import dev.manyhands.engine.worker.sandbox.Sandbox;
import dev.manyhands.function.BundleCache;
import dev.manyhands.model.Bundle;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.LogThrottle;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts workers, one after the other. One thread prepares them all, and for each worker a {@link
 * ParentThread} becomes its parent.
 */
public final class WorkerLauncher implements WorkerStarter, AutoCloseable {
  /** The variable with the path of a worker's control page. */
  static final String CONTROL = "MANYHANDS_CONTROL";

  /** The variable with the path of the page of shared values and locks. */
  static final String SHARED = "MANYHANDS_SHARED";

  private static final Logger log = LoggerFactory.getLogger(WorkerLauncher.class);

  /**
   * The forms of EAGAIN, ENOMEM, ENFILE and EMFILE in messages of the JDK, the file calls and the C
   * library.
   */
  private static final Pattern SHORTAGE =
      Pattern.compile(
          "error[=:]? ?(11|12|23|24)\\b|Resource temporarily unavailable|Cannot allocate memory"
              + "|Too many open files");

  /** How long Python may take to compile the modules of its worker. */
  private static final Duration COMPILING = Duration.ofMinutes(1);

  private static final Duration OUTAGE_PAUSE = Duration.ofSeconds(1);

  private final ExecutorService launcher =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("worker-launcher").unstarted(task));

  /** Waits for the deletion of files, which may take a while, and logs the files that remain. */
  private final ExecutorService cleaner =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("worker-cleaner").unstarted(task));

  private final ProcessGroups groups;
  private final Confinement confinement;
  private final ScratchDirectory scratch;

  /** Null where workers could write to the compiled modules. Each then compiles the sources. */
  private final @Nullable PythonCompiler compiler;

  /** Null where workers could write to the class archive. */
  private final @Nullable JavaArchive archive;

  /** Runs a task after a pause. */
  private final Executor later =
      CompletableFuture.delayedExecutor(OUTAGE_PAUSE.toMillis(), TimeUnit.MILLISECONDS);

  private final RuntimeAdapters adapters;
  private final Channels channels;
  private final WorkerSettings settings;
  private final WorkerEnvironment environment;
  private final PythonProbe python;
  private final ItemSource source;
  private final BundleCache bundles;
  private final LogSink printed;
  private final BiFunction<Job, Long, SharedSet> sharedSets;
  private final LogThrottle outageWarnings = new LogThrottle(Duration.ofMinutes(1));

  /**
   * Unpacks the harnesses. Ends processes that functions of an earlier service left running, and
   * empties the scratch directory.
   *
   * @param printed receives the output of workers
   * @param sharedSets opens the shared objects of a job that has some, for a worker that will leave
   *     them; may block
   * @throws IOException if the scratch directory cannot be used
   */
  public WorkerLauncher(
      WorkerSettings settings,
      ItemSource source,
      BundleCache bundles,
      LogSink printed,
      BiFunction<Job, Long, SharedSet> sharedSets)
      throws IOException {
    this.sharedSets = sharedSets;
    this.bundles = bundles;
    this.settings = settings;
    this.source = source;
    this.printed = printed;
    this.groups = new ProcessGroups(settings.isolation().sandbox() == Sandbox.NAMESPACE);
    MappedFiles.hide();
    Strays.endAllOfEarlierService(settings.scratch().toAbsolutePath());
    this.scratch = ScratchDirectory.emptied(settings.scratch());
    Path harness = scratch.path().resolve("harness");
    var harnesses = Harnesses.unpack(harness);
    this.confinement =
        new Confinement(
            settings.isolation(),
            settings.limits(),
            settings.dataDirectory(),
            List.of(
                harness,
                bundles.directory(),
                settings.runtimes().jarDirectory(),
                JavaArchive.directory(settings)),
            settings.runtimes().installation());
    confinement.letPass(scratch.path(), harnesses.pythonStart());
    this.environment = new WorkerEnvironment(settings.runtimes().environment());
    this.python =
        new PythonProbe(
            settings.runtimes().python(),
            ProbeProgram.confined(
                confinement, scratch, environment, settings.limits().memoryBytes()));
    this.compiler =
        settings.isolation().protectsData()
            ? new PythonCompiler(
                settings.runtimes().python(),
                harnesses.python(),
                settings.runtimes().environment(),
                COMPILING)
            : null;
    this.archive =
        settings.isolation().protectsData()
            ? JavaArchive.of(harnesses.java(), settings, environment)
            : null;
    this.adapters =
        new RuntimeAdapters(
            settings.runtimes(),
            harnesses,
            () -> archive == null ? Optional.empty() : archive.file(),
            bundles);
    this.channels = new Channels(adapters, settings, printed);
  }

  /** Returns what the Python interpreter of workers reports about itself. */
  public PythonProbe python() {
    return python;
  }

  @Override
  public void start(Launch launch, Consumer<WorkerEvent> events) {
    Bundle bundle = launch.definition().bundle();
    if (bundle == null || bundles.has(bundle)) {
      launcher.execute(() -> startNow(launch, events));
    } else {
      // Unpacking may take a while, and other workers must be started meanwhile.
      Thread.ofVirtual().start(() -> provideAndStart(launch, bundle, events));
    }
  }

  private void provideAndStart(Launch launch, Bundle bundle, Consumer<WorkerEvent> events) {
    try {
      bundles.provide(bundle);
      launcher.execute(() -> startNow(launch, events));
    } catch (RejectedExecutionException stopping) {
      // No slot waits for this worker any more.
    } catch (Throwable e) {
      var error =
          new JobError(
              "FUNCTION_NOT_LOADED",
              "the bundle of the function cannot be laid out for workers: " + e.getMessage(),
              null);
      notLaunched(launch, error, fault(e), events);
    }
  }

  private static StartFault fault(Throwable e) {
    return switch (e) {
      case FileNotFoundException gone -> StartFault.FUNCTION;
      case ZipException damaged -> StartFault.PASSING;
      case IOException diskFull -> StartFault.OUTAGE;
      case StoreException away -> StartFault.OUTAGE;
      case Error noMemory -> StartFault.OUTAGE;
      default -> StartFault.PASSING;
    };
  }

  /**
   * Reports that there is no worker. The report comes a while later in an outage, because the next
   * try follows at once.
   */
  private void notLaunched(
      Launch launch, JobError error, StartFault fault, Consumer<WorkerEvent> events) {
    var event = new WorkerEvent.NotLaunched(launch.worker(), error, fault);
    if (fault != StartFault.OUTAGE) {
      events.accept(event);
      return;
    }
    if (outageWarnings.allows()) {
      log.warn("workers cannot be started and are tried again: {}", error.message());
    }
    later.execute(() -> events.accept(event));
  }

  /** Starts a worker, and reports the result in any case, because the slot waits for it. */
  private void startNow(Launch launch, Consumer<WorkerEvent> events) {
    try {
      tryToStart(launch, events);
    } catch (Throwable fault) {
      log.error("worker {} cannot be started", launch.worker(), fault);
      while (!reportFault(launch, fault, events)) {
        LockSupport.parkNanos(OUTAGE_PAUSE.toNanos());
      }
    }
  }

  private boolean reportFault(Launch launch, Throwable fault, Consumer<WorkerEvent> events) {
    try {
      var error = new JobError("WORKER_NOT_STARTED", "a worker cannot be started: " + fault, null);
      notLaunched(launch, error, StartFault.OUTAGE, events);
      return true;
    } catch (Throwable again) {
      log.error(
          "worker {}: its end could not be reported and will be again", launch.worker(), again);
      return false;
    }
  }

  private void tryToStart(Launch launch, Consumer<WorkerEvent> events) {
    FunctionDefinition definition = launch.definition();
    RuntimeAdapter adapter = adapters.of(definition);
    long memory = launch.memoryBytes();
    List<String> command = adapter.command(definition, memory);
    String program = command.getFirst();
    if (Executables.find(program).isEmpty()) {
      var error =
          new JobError(
              "WORKER_NOT_STARTED",
              "there is no executable '" + program + "': " + adapter.mend(),
              null);
      events.accept(new WorkerEvent.NotLaunched(launch.worker(), error, StartFault.FUNCTION));
      return;
    }
    String problem = adapter.problem(definition);
    if (problem != null) {
      var error = new JobError("FUNCTION_NOT_LOADED", problem, null);
      events.accept(new WorkerEvent.NotLaunched(launch.worker(), error, StartFault.FUNCTION));
      return;
    }
    String name = "worker-" + launch.worker();
    WorkerFiles files;
    try {
      files = WorkerFiles.make(name, scratch, confinement, launch.worker(), sharedSetOf(launch));
    } catch (IOException diskFull) {
      String message = "the scratch directory of a worker cannot be made: " + diskFull.getMessage();
      var error = new JobError("WORKER_NOT_STARTED", message, null);
      deleteLater(name);
      notLaunched(launch, error, StartFault.OUTAGE, events);
      return;
    }
    Process process = null;
    WorkerProcess running;
    try {
      var builder =
          new ProcessBuilder(confinement.wrap(command, memory, files.own()))
              .directory(files.directory().home().toFile());
      setVariables(builder.environment(), launch, files);
      process =
          ParentThread.start(
              "worker-" + launch.worker() + "-parent",
              () -> confinement.confineThread(files.own()),
              builder);
      var inputs = new WatchedSource(source);
      WorkerChannel channel = channels.of(launch, process, files, inputs, events);
      var text = new PrintedText(launch, process, files.page(), printed);
      running =
          new WorkerProcess(
              launch,
              new WorkerProcess.Started(process, groups, files.page(), files.directory()),
              channel,
              inputs,
              text,
              events);
      running.serve();
    } catch (Throwable e) {
      if (process != null) {
        groups.kill(process.toHandle());
      }
      files.abandon(launch.worker());
      deleteLater(name);
      // Only an IOException may be due to the job. All other failures and shortages count as
      // outages.
      boolean isPassing = e instanceof IOException && !isShortage(e);
      var error =
          new JobError("WORKER_NOT_STARTED", "a worker cannot be started: " + e.getMessage(), null);
      notLaunched(launch, error, isPassing ? StartFault.PASSING : StartFault.OUTAGE, events);
      return;
    }
    try {
      ScratchWatch.begin(
          launch.worker(), process, files.directory(), settings.limits().scratchBytes(), events);
    } catch (Throwable unwatched) {
      running.failed(unwatched);
    }
  }

  private @Nullable SharedSet sharedSetOf(Launch launch) {
    Job job = launch.job();
    return job.spec().shared().isEmpty() ? null : sharedSets.apply(job, launch.worker());
  }

  /**
   * Returns whether the system has no more processes, memory or descriptors. No job is to blame for
   * such a shortage.
   */
  static boolean isShortage(Throwable e) {
    return SHORTAGE.matcher(String.valueOf(e.getMessage())).find();
  }

  private void deleteLater(String name) {
    cleaner.execute(() -> {
      try {
        scratch.delete(name);
      } catch (IOException left) {
        log.debug("{} is left for the next start", name, left);
      }
    });
  }

  private void setVariables(Map<String, String> variables, Launch launch, WorkerFiles files) {
    environment.set(variables, files.directory().home());
    variables.putIfAbsent("MANYHANDS_PROTOCOL", "1");
    variables.putIfAbsent(CONTROL, files.directory().page().toString());
    if (files.sharedPage() != null) {
      variables.putIfAbsent(SHARED, files.sharedPage().toString());
    }
    Bundle bundle = launch.definition().bundle();
    if (bundle != null) {
      variables.putIfAbsent("MANYHANDS_BUNDLE", bundles.directoryOf(bundle).toString());
    }
    if (launch.traceparent() != null) {
      variables.put("TRACEPARENT", launch.traceparent());
    }
  }

  @Override
  public void discard(RunningWorker gone) {
    cleaner.execute(gone::discard);
  }

  /** Called after all workers are gone. Waits for deletions that are still going on. */
  @Override
  public void close() {
    launcher.close();
    cleaner.close();
    if (compiler != null) {
      compiler.close();
    }
    if (archive != null) {
      archive.close();
    }
    scratch.close();
  }
}
