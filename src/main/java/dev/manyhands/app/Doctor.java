package dev.manyhands.app;

import dev.manyhands.app.install.AotCache;
import dev.manyhands.engine.worker.PythonState;
import dev.manyhands.engine.worker.sandbox.Executables;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.Sandbox;
import dev.manyhands.http.service.Build;
import dev.manyhands.store.sql.StoreProbe;
import dev.manyhands.store.sql.StoreSettings;
import dev.manyhands.support.Sizes;
import dev.manyhands.support.Word;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks what the service needs and reports what is present, what is missing, and what to do. Runs
 * programs and waits for them.
 */
final class Doctor {
  private static final long LEAST_FREE = 32L << 20;
  private static final long LITTLE_FREE = 1L << 30;
  private static final String DEFAULT_PYTHON = "python3";

  private final ManyhandsProperties settings;
  private final Supplier<PythonState> python;

  /**
   * @param python runs the interpreter, and waits for its answer
   */
  Doctor(ManyhandsProperties settings, Supplier<PythonState> python) {
    this.settings = settings;
    this.python = python;
  }

  /**
   * Checks the parts that do not depend on the state of the service: its version, its runtimes and
   * its limits.
   */
  List<Finding> general(int slots) {
    var findings = new ArrayList<Finding>();
    findings.add(
        Finding.fine(
            "version",
            "manyhands %s, Java %s, %s %s %s, heap up to %s"
                .formatted(
                    Build.read().version(),
                    Runtime.version(),
                    System.getProperty("os.name"),
                    System.getProperty("os.version"),
                    System.getProperty("os.arch"),
                    Sizes.text(Runtime.getRuntime().maxMemory()))));
    findings.add(aotCache(AotCache.ofThisProcess()));
    findings.add(slots(slots));
    findings.add(python());
    findings.add(java());
    findings.add(limits());
    findings.add(tracing());
    return findings;
  }

  private static Finding aotCache(AotCache cache) {
    String about = "aot cache";
    String slow = "; the start and the first minute are slower";
    String mend = "run 'bin/manyhands train' of the installation, see docs/how-to/operations.md";
    return switch (cache) {
      case AotCache.Used used -> Finding.fine(about, used.file().toString());
      case AotCache.NotNamed none ->
          Finding.fine(
              about, "none" + slow + ". 'java -jar manyhands.jar install DIRECTORY' makes one");
      case AotCache.Missing missing ->
          Finding.note(about, "none: there is no " + missing.file() + slow, mend);
      case AotCache.Refused refused ->
          Finding.note(
              about,
              "none: "
                  + refused.file()
                  + " was made by another Java, is for other options of the JVM, or its files were"
                  + " copied without their times (cp -a keeps them)"
                  + slow,
              mend);
    };
  }

  private Finding slots(int slots) {
    var workers = settings.workers();
    return Finding.fine(
        "slots",
        "%s at once (%s), memory of each %s, of all %s"
            .formatted(
                counted(slots, "worker"),
                counted(Runtime.getRuntime().availableProcessors(), "processor"),
                limit(workers.memory().toBytes()),
                limit(workers.memoryBudget().toBytes())));
  }

  private static String limit(long bytes) {
    return bytes == 0 ? "not limited" : "up to " + Sizes.text(bytes);
  }

  /**
   * Checks Python. An interpreter that is missing, too old or does not run is an error only if the
   * setting is not the default. Other functions need no Python.
   */
  private Finding python() {
    String interpreter = settings.python().interpreter();
    Optional<Path> program = Executables.find(interpreter);
    if (program.isEmpty()) {
      return fault(interpreter, "there is no " + interpreter);
    }
    return switch (python.get()) {
      case PythonState.Broken broken -> fault(interpreter, program.get() + " " + broken.fault());
      case PythonState.Found found when found.isTooOld() ->
          fault(interpreter, program.get() + " is Python " + found.version());
      case PythonState.Found found ->
          Finding.fine("python", found.version() + " (" + program.get() + "), " + numpy(found));
    };
  }

  private static Finding fault(String interpreter, String fault) {
    String text = fault + ": Python functions fail";
    String mend =
        "install Python 3.9 or later, or set manyhands.python.interpreter"
            + " (MANYHANDS_PYTHON_INTERPRETER)";
    return interpreter.equals(DEFAULT_PYTHON)
        ? Finding.note("python", text, mend)
        : Finding.wrong("python", text, mend);
  }

  private static String numpy(PythonState.Found python) {
    PythonState.Library numpy = python.find("numpy");
    if (numpy == null) {
      return "no numpy";
    }
    return "numpy " + (numpy.version() == null ? "of unknown version" : numpy.version());
  }

  private Finding java() {
    Path program = Executables.java();
    if (!Files.isExecutable(program)) {
      return Finding.wrong(
          "java",
          "there is no " + program + ": Java functions fail, the built-in ones too",
          "run the service with a JRE that has its programs");
    }
    Path jars = settings.java().jars();
    return Finding.fine(
        "java", "%s (%s), %s".formatted(Runtime.version(), program, jarsIn(jars.toAbsolutePath())));
  }

  private static String jarsIn(Path directory) {
    if (!Files.isDirectory(directory)) {
      return "no directory of jars (" + directory + ")";
    }
    try (Stream<Path> files = Files.list(directory)) {
      long jars = files.filter(file -> file.toString().endsWith(".jar")).count();
      return counted(jars, "jar") + " in " + directory;
    } catch (IOException e) {
      return directory + " cannot be read";
    }
  }

  private Finding limits() {
    var limits = settings.limits();
    return Finding.fine(
        "limits",
        String.format(
            Locale.ROOT,
            "request %s, input %s, result %s, %,d items a job, %,d unfinished jobs;"
                + " all: GET /api/v1/limits",
            Sizes.text(limits.body().toBytes()),
            Sizes.text(limits.item().toBytes()),
            Sizes.text(limits.result().toBytes()),
            limits.items(),
            limits.unfinishedJobs()));
  }

  private Finding tracing() {
    String endpoint = settings.tracing().endpoint();
    return Finding.fine(
        "tracing",
        endpoint == null || endpoint.isBlank()
            ? "off (manyhands.tracing.endpoint)"
            : "to " + endpoint.replaceFirst("//[^/@]*@", "//"));
  }

  /**
   * Checks the place where jobs are stored.
   *
   * @param connect whether to open a connection
   */
  Finding store(StoreSettings store, boolean connect) {
    if (!store.isEmbedded()) {
      String fault = connect ? StoreProbe.fault(store) : null;
      return fault == null
          ? Finding.fine("store", store.place())
          : Finding.wrong("store", store.place() + " cannot be used: " + fault, StoreFailures.MEND);
    }
    return room(store.place(), store.dataDir());
  }

  /**
   * Reports which service writes to the database; empty for an embedded database that no service
   * uses.
   */
  Optional<Finding> writer(StoreSettings store) {
    String holder = StoreProbe.holder(store);
    if (holder != null) {
      return Optional.of(
          Finding.wrong(
              "writer",
              "the database is used by a service, " + holder + ": another is refused",
              InUseFailures.MEND));
    }
    return store.isEmbedded()
        ? Optional.empty()
        : Optional.of(Finding.fine("writer", "no service writes to the database now"));
  }

  private static Finding room(String place, Path directory) {
    long free;
    try {
      free = Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      return Finding.wrong(
          "store",
          directory.toAbsolutePath() + " cannot be read: " + e.getMessage(),
          "set manyhands.data-dir to a directory that can be written to");
    }
    String text = place + ", " + Sizes.text(free) + " free";
    String mend = "make room on that disk, or set manyhands.data-dir to another one";
    return free < LEAST_FREE
        ? Finding.wrong("store", text + ": new jobs are refused", mend)
        : free < LITTLE_FREE ? Finding.note("store", text, mend) : Finding.fine("store", text);
  }

  /** Reports how workers are confined. */
  Finding sandbox(Isolation isolation) {
    String text =
        "%s, the data directory is %s to functions, their system calls are %s"
            .formatted(
                Word.of(isolation.sandbox()), isolation.dataDirectory(), isolation.systemCalls());
    boolean asked = settings.workers().sandbox() != null;
    boolean whole = isolation.hidesDataDirectory() && isolation.filtersCalls();
    return whole || asked
        ? Finding.fine("sandbox", text)
        : Finding.note("sandbox", text, SandboxFailures.MEND);
  }

  Finding noSandbox(Sandbox.UnavailableException fault) {
    return Finding.wrong("sandbox", String.valueOf(fault.getMessage()), SandboxFailures.MEND);
  }

  /**
   * Reports which clients may call the service.
   *
   * @param address null for all addresses
   */
  Finding access(@Nullable InetAddress address, int port) {
    return Finding.fine(
        "address",
        "%s:%d, %s".formatted(address == null ? "*" : address.getHostAddress(), port, callers()));
  }

  private String callers() {
    int tokens = settings.security().tokens().size();
    int readers = settings.security().metricsTokens().size();
    return (tokens == 0 ? "no tokens: this machine only" : "let in by " + counted(tokens, "token"))
        + (readers == 0 ? "" : "; metrics also by " + counted(readers, "metrics token"));
  }

  private static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
