package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.RuntimeSettings;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.protocol.FrameCodec;
import dev.manyhands.engine.worker.sandbox.Executables;
import dev.manyhands.function.BuiltIns;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import dev.manyhands.support.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The class archive of the Java worker (CDS): the classes of the harness as the JVM holds them in
 * memory. A worker that maps the archive starts in two thirds of the time.
 *
 * <p>The archive is in the data directory, where workers can only read it. It is a copy from the
 * installation, or the service makes it once, by a worker that runs built-in functions and ends. A
 * worker with user code never writes an archive. The name of the file stands for the Java, its
 * options, the variables of workers and the harness. After a change of these there is another file.
 *
 * <p>Safe for use by any thread.
 */
final class JavaArchive implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JavaArchive.class);

  /** The name of the directory, in the data directory and in an installation. */
  private static final String ARCHIVES = "archives";

  private static final String ENDING = ".jsa";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String LOAD =
      "{\"op\":\"load\",\"runtime\":\"java\",\"maxResultBytes\":100000,\"maxFrameBytes\":1000000,";

  private final Path file;
  private final @Nullable Preparation preparation;
  private volatile boolean isThere;

  private JavaArchive(Path file, @Nullable ProcessBuilder maker, byte[] frames) {
    this.file = file;
    this.isThere = maker == null;
    this.preparation =
        maker == null
            ? null
            : new Preparation("java-archive", () -> make(maker, frames), JavaArchive::report);
  }

  /** Returns the directory of the archives, in the data directory. Nothing else is in it. */
  static Path directory(WorkerSettings settings) {
    return settings.dataDirectory().resolve(ARCHIVES).toAbsolutePath();
  }

  /**
   * Finds the archive, copies it, or begins to make it.
   *
   * @param harness the jar of the worker; its name and time are part of the archive
   * @param environment the variables of workers, which may contain options of the JVM
   */
  static JavaArchive of(Path harness, WorkerSettings settings, WorkerEnvironment environment)
      throws IOException {
    Path directory = directory(settings);
    Harnesses.makeDirectory(directory);
    RuntimeSettings runtimes = settings.runtimes();
    Path file = directory.resolve(name(harness, runtimes));
    if (Files.exists(file) || isBrought(runtimes.installation(), file)) {
      return new JavaArchive(file, null, new byte[0]);
    }
    return new JavaArchive(
        file, maker(harness, runtimes, environment, file), frames(harness, new BuiltIns()));
  }

  /**
   * Deletes other archives, and copies the archive from the installation. Returns whether it was
   * copied.
   */
  private static boolean isBrought(@Nullable Path installation, Path file) {
    try {
      deleteOthers(file.resolveSibling("."));
      if (installation == null) {
        return false;
      }
      Path brought = installation.resolve(ARCHIVES).resolve(file.getFileName());
      if (!Files.exists(brought)) {
        return false;
      }
      Files.copy(brought, written(file));
      publish(file);
      return true;
    } catch (IOException e) {
      log.info("the class archive of Java workers cannot be copied: {}", e.getMessage());
      return false;
    }
  }

  private static String name(Path harness, RuntimeSettings runtimes) throws IOException {
    var digest = Sha256.digest();
    digest.update(Files.readAllBytes(harness));
    List<String> rest = new ArrayList<>(runtimes.javaOptions());
    rest.add(System.getProperty("java.home"));
    rest.add(System.getProperty("java.vm.version"));
    rest.add(new TreeMap<>(runtimes.environment()).toString());
    digest.update(String.join("\n", rest).getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest(), 0, 8) + ENDING;
  }

  /**
   * Deletes all files: the archives of earlier versions, and what an interrupted service has left.
   */
  private static void deleteOthers(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path other : files.toList()) {
        Files.deleteIfExists(other);
      }
    }
  }

  private static Path written(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  /** Gives a file that is written its name, once the disk has all of it. */
  private static void publish(Path file) throws IOException {
    Path written = written(file);
    try (var channel = FileChannel.open(written, StandardOpenOption.READ)) {
      channel.force(true);
    }
    Harnesses.makeReadOnly(written);
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static ProcessBuilder maker(
      Path harness, RuntimeSettings runtimes, WorkerEnvironment environment, Path file) {
    var command = new ArrayList<>(Preparation.endsWithItsParent());
    command.add(Executables.java().toString());
    command.addAll(runtimes.javaOptions());
    command.add("-XX:ArchiveClassesAtExit=" + written(file));
    command.addAll(List.of("-cp", harness.toString(), "dev.manyhands.harness.WorkerMain"));
    Path directory = file.resolveSibling(".").normalize();
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    environment.set(builder.environment(), directory);
    return builder;
  }

  /** Returns the work of the worker that makes the archive: most of what workers do. */
  static byte[] frames(Path harness, BuiltIns functions) throws IOException {
    var frames = new ByteArrayOutputStream();
    String prime = "\"class\":\"dev.manyhands.harness.builtin.CheckPrime\"";
    write(
        frames,
        LOAD
            + prime
            + ",\"jar\":\""
            + harness.toString().replace("\\", "\\\\").replace("\"", "\\\"")
            + "\"}");
    for (var function : functions.all()) {
      var definition = (JavaClass) function.definition();
      write(frames, LOAD + "\"class\":\"" + definition.className() + "\"}");
    }
    write(frames, LOAD + prime + "}");
    write(
        frames,
        "{\"op\":\"job\",\"job\":\"1\",\"call\":\"map\",\"seed\":1,\"times\":true}",
        "{\"a\":[1.5]}");
    write(frames, "{\"op\":\"chunk\",\"chunk\":1,\"first\":0,\"count\":3}", "[7,8,\"no number\"]");
    write(
        frames,
        "{\"op\":\"job\",\"job\":\"2\",\"call\":\"map\",\"threads\":2,\"reduce\":\"count\"}");
    write(frames, "{\"op\":\"chunk\",\"chunk\":2,\"first\":0,\"count\":4}", "[7,8,9,10]");
    return frames.toByteArray();
  }

  private static void write(OutputStream frames, String header, String... bodies)
      throws IOException {
    byte[][] bytes =
        Stream.of(bodies).map(body -> body.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    FrameCodec.write(frames, header.getBytes(StandardCharsets.UTF_8), bytes);
  }

  private void make(ProcessBuilder maker, byte[] frames) throws IOException, InterruptedException {
    Preparation.run(maker, frames, PATIENCE);
    if (!Files.exists(written(file))) {
      throw new IOException(String.join(" ", maker.command()) + " has written no archive");
    }
    publish(file);
    isThere = true;
  }

  private static void report(IOException e) {
    log.info("Java workers start without a class archive, and therefore later: {}", e.getMessage());
  }

  /** Returns the archive; empty while it is being made, and if it cannot be made. */
  Optional<Path> file() {
    return isThere ? Optional.of(file) : Optional.empty();
  }

  /** Waits until the archive is made, or cannot be made. */
  void await() throws InterruptedException {
    if (preparation != null) {
      preparation.await();
    }
  }

  /** Ends the program that makes the archive. */
  @Override
  public void close() {
    if (preparation != null) {
      preparation.close();
    }
  }
}
