package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.sandbox.Executables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the interpreter compile the modules of the Python worker once, so that no worker has to. The
 * byte code names its interpreter. A worker compiles the sources itself while the byte code is not
 * ready, after the interpreter was exchanged, and after a failed compilation.
 *
 * <p>Works in a thread of its own, so that the start of the service does not wait for Python.
 */
final class PythonCompiler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PythonCompiler.class);
  private static final int MOST_SAID_BYTES = 2_000;

  private final Path modules;
  private final Duration patience;
  private final ProcessBuilder builder;
  private final Thread thread;

  /**
   * Begins to compile.
   *
   * @param interpreter a path or a name on the PATH; nothing is done if there is none
   * @param modules the directory of the modules, which no worker can write to
   * @param environment of workers, because its PATH may lead to another interpreter
   * @param patience how long the interpreter may take
   */
  PythonCompiler(
      String interpreter, Path modules, Map<String, String> environment, Duration patience) {
    this.modules = modules;
    this.patience = patience;
    Optional<Path> program = Executables.find(interpreter);
    var command = new ArrayList<>(endsWithItsParent());
    command.add(program.map(Path::toString).orElse(interpreter));
    command.addAll(List.of("-E", "-S", "-B", modules.resolve("compiling.py").toString()));
    this.builder = new ProcessBuilder(command);
    builder.directory(modules.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", Executables.path());
    builder.environment().put("HOME", modules.toString());
    builder.environment().putAll(environment);
    this.thread = Thread.ofPlatform().daemon().name("python-compiler").unstarted(this::compile);
    if (program.isPresent()) {
      thread.start();
    }
  }

  /**
   * Returns the beginning of a command that is killed when its parent thread ends. The interpreter
   * therefore does not outlive a service that was killed. Empty where the system has no program for
   * it.
   */
  private static List<String> endsWithItsParent() {
    return Executables.find("setpriv")
        .map(setpriv -> List.of(setpriv.toString(), "--pdeathsig", "KILL", "--"))
        .orElse(List.of());
  }

  /** Returns the directory in which workers look for the byte code. */
  static Path compiled(Path modules) {
    return modules.resolve("compiled");
  }

  private void compile() {
    Path written = modules.resolve("compiled.new");
    try {
      run(written);
      Harnesses.makeReadOnly(written);
      Files.move(written, compiled(modules), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn(
          "the modules of the Python worker cannot be compiled, so each Python worker does that"
              + " itself and starts more slowly: {}",
          e.getMessage());
    } catch (InterruptedException closing) {
      // No workers are started any more.
    }
  }

  private void run(Path written) throws IOException, InterruptedException {
    Process process = builder.redirectOutput(written.toFile()).start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(command() + " takes longer than " + patience.toSeconds() + " s");
      }
      if (process.exitValue() != 0 || Files.size(written) == 0) {
        throw new IOException(
            command() + " ends with status " + process.exitValue() + ": " + lastLine(process));
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private String command() {
    return String.join(" ", builder.command());
  }

  private static String lastLine(Process ended) throws IOException {
    try (var in = ended.getErrorStream()) {
      byte[] bytes = in.readNBytes(MOST_SAID_BYTES);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return lines.isEmpty() ? "it says nothing" : lines.getLast();
    }
  }

  /** Waits until the compilation has ended. */
  void await() throws InterruptedException {
    thread.join();
  }

  /** Ends the interpreter if it still compiles. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
