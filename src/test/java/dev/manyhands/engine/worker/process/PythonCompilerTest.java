package dev.manyhands.engine.worker.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.manyhands.engine.worker.sandbox.Executables;
import java.io.DataInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Real interpreters compile and start real workers. */
class PythonCompilerTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path directory;

  private final ListAppender<ILoggingEvent> told = new ListAppender<>();
  private Path modules;
  private Path compiled;

  @BeforeEach
  void unpack() throws IOException {
    assumeTrue(Executables.find("python3").isPresent(), "SKIPPED: there is no python3");
    modules = Harnesses.unpack(directory.resolve("harness")).python();
    compiled = PythonCompiler.compiled(modules);
    told.start();
    logger().addAppender(told);
  }

  @AfterEach
  void forget() {
    logger().detachAppender(told);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(PythonCompiler.class);
  }

  private void compileBy(String interpreter, Duration patience) throws InterruptedException {
    try (var compiler = new PythonCompiler(interpreter, modules, Map.of(), patience)) {
      compiler.await();
    }
  }

  @Test
  void workersDoNotCompileTheModules() throws Exception {
    compileBy("python3", PATIENCE);
    assertThat(told.list).isEmpty();
    removeSources();
    assertThat(start("python3")).contains("\"op\":\"ready\"");
  }

  @Test
  void nobodyMayWriteToTheByteCode() throws Exception {
    compileBy("python3", PATIENCE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(compiled)))
        .isEqualTo("r--r--r--");
    assertThat(modules.resolve("compiled.new")).doesNotExist();
    assertThat(modules.resolve("__pycache__")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo 'no Python' >&2; exit 3",
        "exit 0",
        "exec sleep 1000",
        "echo half of it; exit 1"
      })
  void anInterpreterThatCannotCompileIsToldOfOnce(String script) throws Exception {
    Path program = directory.resolve("python");
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    boolean hangs = script.contains("sleep");
    compileBy(program.toString(), hangs ? Duration.ofMillis(200) : PATIENCE);
    assertThat(told.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .contains("cannot be compiled", program.toString());
    assertThat(compiled).doesNotExist();
    assertThat(start("python3")).contains("\"op\":\"ready\"");
  }

  @Test
  void aServiceWithoutPythonSaysNothing() throws Exception {
    compileBy(directory.resolve("none").toString(), PATIENCE);
    assertThat(told.list).isEmpty();
    assertThat(compiled).doesNotExist();
  }

  /** The interpreter was exchanged since, or the disk has lost a part. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void byteCodeThatDoesNotFitIsNotRun(boolean isOfAnotherVersion) throws Exception {
    compileBy("python3", PATIENCE);
    byte[] whole = Files.readAllBytes(compiled);
    byte[] other = isOfAnotherVersion ? whole.clone() : Arrays.copyOf(whole, 10_000);
    if (isOfAnotherVersion) {
      other[0]++;
    }
    Path file = Files.write(directory.resolve("other"), other);
    Files.move(file, compiled, StandardCopyOption.REPLACE_EXISTING);
    assertThat(start("python3")).contains("\"op\":\"ready\"");
    removeSources();
    assertThat(start("python3")).isEmpty();
  }

  @Test
  void anInterpreterDiesWithTheServiceAlsoWhenThatIsKilled() throws Exception {
    assumeTrue(Executables.find("setpriv").isPresent(), "SKIPPED: there is no setpriv");
    Path signal = directory.resolve("signal");
    Path program = directory.resolve("python");
    Files.writeString(
        program,
        """
        #!/usr/bin/env python3
        import ctypes
        at_death = ctypes.c_int()
        ctypes.CDLL(None).prctl(2, ctypes.byref(at_death))
        open('%s', 'w').write(str(at_death.value))
        """
            .formatted(signal));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    compileBy(program.toString(), PATIENCE);
    assertThat(signal).hasContent("9");
  }

  @Test
  void aServiceThatStopsEndsTheInterpreter() throws Exception {
    Path program = directory.resolve("python");
    Path pid = directory.resolve("pid");
    Files.writeString(
        program,
        "#!/bin/sh\necho $$ > %1$s.new; mv %1$s.new %1$s\nexec sleep 1000\n".formatted(pid));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    try (var compiler = new PythonCompiler(program.toString(), modules, Map.of(), PATIENCE)) {
      while (!Files.exists(pid)) {
        Thread.onSpinWait();
      }
      assertThat(compiler).isNotNull();
    }
    long process = Long.parseLong(Files.readString(pid).strip());
    ProcessHandle.of(process).ifPresent(handle -> handle.onExit().join());
    assertThat(told.list).isEmpty();
  }

  /** All that a worker needs is in its byte code then, but for the program that reads it. */
  private void removeSources() throws IOException {
    for (String module : Harnesses.PYTHON_MODULES) {
      if (!module.equals("start")) {
        Files.delete(modules.resolve(module + ".py"));
      }
    }
  }

  /** The first frame of a worker; empty if it ends without one. */
  private String start(String interpreter) throws Exception {
    Process worker =
        new ProcessBuilder(List.of(interpreter, "-s", modules.resolve("start.py").toString()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var frames = new DataInputStream(worker.getInputStream())) {
      byte[] length = frames.readNBytes(4);
      if (length.length < 4) {
        return "";
      }
      int bytes = new BigInteger(length).intValueExact();
      String frame = new String(frames.readNBytes(bytes), UTF_8);
      worker.getOutputStream().close();
      assertThat(worker.waitFor()).isZero();
      return frame;
    } finally {
      worker.destroyForcibly();
    }
  }
}
