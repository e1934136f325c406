package dev.manyhands.app;

import dev.manyhands.engine.worker.sandbox.Executables;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.Sandbox;
import dev.manyhands.store.sql.StoreProbe;
import dev.manyhands.store.sql.StoreSettings;
import dev.manyhands.support.Sizes;
import dev.manyhands.support.Word;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
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
  private static final int PYTHON_SECONDS = 20;

  /** Prints the version of Python and, on a second line, of numpy if it is installed. */
  private static final String PYTHON_VERSIONS =
      """
      import sys
      print("%d.%d.%d" % sys.version_info[:3])
      from importlib import metadata, util
      if util.find_spec("numpy"):
          try: print(metadata.version("numpy"))
          except metadata.PackageNotFoundError: print("of unknown version")
      """;

  private final ManyhandsProperties settings;

  Doctor(ManyhandsProperties settings) {
    this.settings = settings;
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
                    version(),
                    Runtime.version(),
                    System.getProperty("os.name"),
                    System.getProperty("os.version"),
                    System.getProperty("os.arch"),
                    Sizes.text(Runtime.getRuntime().maxMemory()))));
    findings.add(slots(slots));
    findings.add(python());
    findings.add(java());
    findings.add(limits());
    findings.add(tracing());
    return findings;
  }

  /** Returns the version of this build. */
  static String version() {
    try (InputStream in = Doctor.class.getResourceAsStream("/META-INF/build-info.properties")) {
      if (in == null) {
        return "of unknown version";
      }
      var build = new Properties();
      build.load(in);
      return build.getProperty("build.version", "of unknown version");
    } catch (IOException e) {
      return "of unknown version";
    }
  }

  private Finding slots(int slots) {
    var workers = settings.workers();
    return Finding.fine(
        "slots",
        "%d workers at once (%d processors), memory of each %s, of all %s"
            .formatted(
                slots,
                Runtime.getRuntime().availableProcessors(),
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
    String mend =
        "install Python 3.9 or later, or set manyhands.python.interpreter"
            + " (MANYHANDS_PYTHON_INTERPRETER)";
    String fault;
    Optional<Path> program = Executables.find(interpreter);
    if (program.isEmpty()) {
      fault = "there is no " + interpreter + ": Python functions fail";
    } else {
      List<String> said = versions(program.get());
      if (said.isEmpty()) {
        fault = program.get() + " does not run as Python: Python functions fail";
      } else if (isTooOld(said.getFirst())) {
        fault = program.get() + " is Python " + said.getFirst() + ": Python functions fail";
      } else {
        String numpy = said.size() < 2 ? "no numpy" : "numpy " + said.get(1);
        return Finding.fine("python", said.getFirst() + " (" + program.get() + "), " + numpy);
      }
    }
    return interpreter.equals(DEFAULT_PYTHON)
        ? Finding.note("python", fault, mend)
        : Finding.wrong("python", fault, mend);
  }

  private static boolean isTooOld(String version) {
    String[] parts = version.split("\\.", -1);
    int major = Integer.parseInt(parts[0]);
    return major < 3 || (major == 3 && Integer.parseInt(parts[1]) < 9);
  }

  /**
   * Returns the version of Python, and of numpy if it is installed; empty if the program is no
   * Python or takes too long.
   */
  private static List<String> versions(Path python) {
    var builder =
        new ProcessBuilder(python.toString(), "-I", "-c", PYTHON_VERSIONS)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    // Like a worker, the program gets no variable of the service's own.
    String path = builder.environment().get("PATH");
    builder.environment().clear();
    if (path != null) {
      builder.environment().put("PATH", path);
    }
    try {
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(PYTHON_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
          return List.of();
        }
        byte[] said = process.getInputStream().readNBytes(1_000);
        List<String> lines = new String(said, StandardCharsets.UTF_8).lines().toList();
        return !lines.isEmpty() && lines.getFirst().matches("\\d+\\.\\d+\\.\\d+")
            ? lines
            : List.of();
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private Finding java() {
    Path program = Path.of(System.getProperty("java.home"), "bin", "java");
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
      return jars + " jars in " + directory;
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
    int tokens = settings.security().tokens().size();
    return Finding.fine(
        "address",
        "%s:%d, %s"
            .formatted(
                address == null ? "*" : address.getHostAddress(),
                port,
                tokens == 0 ? "no tokens: this machine only" : "let in by " + tokens + " tokens"));
  }
}
