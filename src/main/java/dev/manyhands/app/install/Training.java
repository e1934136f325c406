package dev.manyhands.app.install;

import dev.manyhands.engine.worker.sandbox.Executables;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A training run: starts the service of an installation, lets it do the usual work, and stops it.
 * The JVM then writes an AOT cache. The cache holds the classes that were loaded and linked, and
 * the code that was busy, so that later starts compile this code at once. The service also leaves a
 * class archive for Java workers.
 *
 * <p>The training runs only the functions that {@link TrainingWork} names, on a store of its own.
 * It inherits no variable of the environment except the PATH, and therefore no setting.
 */
final class Training {
  private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+) ");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final long LOOK_MILLIS = 20;

  private final Layout layout;
  private final Path directory;
  private final Path written;

  private Training(Layout layout, Path directory) {
    this.layout = layout;
    this.directory = directory;
    this.written = layout.cache().resolveSibling("manyhands.aot.new");
  }

  /**
   * Makes the cache and the archive of an installation, in place of earlier ones.
   *
   * @throws IOException if the service does not work here, or the installation cannot be changed
   */
  static void run(Layout layout, PrintStream out) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    out.println("training, which takes half a minute on two processors: " + layout.directory());
    Path directory = Files.createTempDirectory("manyhands-training");
    try {
      new Training(layout, directory).run();
    } finally {
      delete(directory);
    }
    Files.writeString(layout.javaHome(), System.getProperty("java.home") + "\n");
    out.println(
        "trained in %d s: start it with %s"
            .formatted(
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin), layout.launcher()));
  }

  /**
   * Returns the home and version of the Java that this process runs on. A cache serves only the
   * Java that has made it.
   */
  static String java() {
    return System.getProperty("java.home") + " " + System.getProperty("java.vm.version");
  }

  static Path program() {
    return Executables.java();
  }

  private void run() throws IOException, InterruptedException {
    Path log = directory.resolve("service.log");
    Process service = start(log);
    try {
      new TrainingWork(awaitPort(service, log)).run();
      service.destroy();
      // The JVM writes the cache at its end, which takes some seconds.
      if (!service.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || !Files.exists(written)) {
        throw failure("the service has written no cache", log, null);
      }
    } catch (IOException e) {
      throw failure(String.valueOf(e.getMessage()), log, e);
    } finally {
      service.destroyForcibly();
      service.waitFor();
    }
    keepArchives();
    Files.move(
        written,
        layout.cache(),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private Process start(Path log) throws IOException {
    var command = new ArrayList<>(layout.command(program(), "-XX:AOTCacheOutput=" + written));
    command.addAll(
        List.of(
            "--server.address=127.0.0.1",
            "--server.port=0",
            "--manyhands.data-dir=" + directory.resolve("data")));
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", Executables.path());
    builder.environment().put("LANG", "C.UTF-8");
    builder.environment().put("HOME", directory.toString());
    return builder.start();
  }

  private static int awaitPort(Process service, Path log) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline && service.isAlive()) {
      Matcher port = PORT.matcher(Files.readString(log, StandardCharsets.ISO_8859_1));
      if (port.find()) {
        return Integer.parseInt(port.group(1));
      }
      service.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    throw new IOException("the service does not start");
  }

  private static IOException failure(String message, Path log, @Nullable Exception cause) {
    String told;
    try {
      told = Files.readString(log, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      told = e.getMessage();
    }
    return new IOException(
        "the training failed: " + message + ". The service has logged:\n" + told, cause);
  }

  /** Copies the class archive that the service has made for its Java workers. */
  private void keepArchives() throws IOException {
    Path made = directory.resolve("data").resolve("archives");
    Files.createDirectories(layout.archives());
    if (!Files.isDirectory(made)) {
      return;
    }
    try (Stream<Path> files = Files.list(made)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            layout.archives().resolve(file.getFileName()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
