package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.sandbox.Executables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

  private final Path modules;
  private final Duration patience;
  private final ProcessBuilder builder;

  /** Null without an interpreter. */
  private final @Nullable Preparation preparation;

  /**
   * Begins to compile.
   *
   * @param interpreter a path or a name on the PATH; nothing is done if there is none
   * @param modules the directory of the modules, which no worker can write to
   * @param environment the variables of workers, because PATH may lead to another interpreter
   * @param patience how long the interpreter may take
   */
  PythonCompiler(
      String interpreter, Path modules, Map<String, String> environment, Duration patience) {
    this.modules = modules;
    this.patience = patience;
    Optional<Path> program = Executables.find(interpreter);
    var command = new ArrayList<>(Preparation.endsWithItsParent());
    command.add(program.map(Path::toString).orElse(interpreter));
    command.addAll(List.of("-E", "-S", "-B", modules.resolve("compiling.py").toString()));
    this.builder = new ProcessBuilder(command);
    builder.directory(modules.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", Executables.path());
    builder.environment().put("HOME", modules.toString());
    builder.environment().putAll(environment);
    this.preparation =
        program.isPresent()
            ? new Preparation("python-compiler", this::compile, PythonCompiler::report)
            : null;
  }

  /** Returns the file with the byte code of all modules, which workers read. It may not exist. */
  static Path compiled(Path modules) {
    return modules.resolve("compiled");
  }

  private void compile() throws IOException, InterruptedException {
    Path written = modules.resolve("compiled.new");
    Preparation.run(builder.redirectOutput(written.toFile()), new byte[0], patience);
    if (Files.size(written) == 0) {
      throw new IOException(String.join(" ", builder.command()) + " has written nothing");
    }
    Harnesses.makeReadOnly(written);
    Files.move(written, compiled(modules), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void report(IOException e) {
    log.warn(
        "the modules of the Python worker cannot be compiled, so each Python worker does that"
            + " itself and starts more slowly: {}",
        e.getMessage());
  }

  /** Waits until the compilation has ended. */
  void await() throws InterruptedException {
    if (preparation != null) {
      preparation.await();
    }
  }

  /** Ends the interpreter if it still compiles. */
  @Override
  public void close() {
    if (preparation != null) {
      preparation.close();
    }
  }
}
