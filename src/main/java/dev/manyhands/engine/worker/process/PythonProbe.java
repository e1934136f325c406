package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.PythonState;
import dev.manyhands.engine.worker.PythonState.Broken;
import dev.manyhands.engine.worker.PythonState.Found;
import dev.manyhands.engine.worker.sandbox.Executables;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the Python interpreter describe itself: its version, and the packages that functions can
 * import. The answer is kept until the program file of the interpreter changes. A fault is kept for
 * 30 seconds only, because a busy machine may have caused the fault. Callers at one time share one
 * process. Safe for use by any thread; blocks the caller while the interpreter runs.
 */
public final class PythonProbe implements Supplier<PythonState> {
  /** Limit for the packages of an answer; the others are only counted. */
  static final int MOST_PACKAGES = 2_000;

  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_TEXT = 200;
  private static final int FIRST_LINE_PARTS = 4;
  private static final String TEXT = "/python_probe.py";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration FAULT_KEPT = Duration.ofSeconds(30);

  private final String interpreter;
  private final ProbeProgram program;

  /** The newest description; null before the first. Guarded by this object. */
  private @Nullable Description newest;

  /** The program file of an interpreter. A file that is replaced or written to differs. */
  private record Identity(Path file, FileTime modified, long size) {}

  private record Description(Identity of, long sinceNanos, CompletableFuture<PythonState> state) {
    boolean holdsFor(Identity present) {
      return of.equals(present)
          && (!state.isDone()
              || state.join() instanceof Found
              || System.nanoTime() - sinceNanos < FAULT_KEPT.toNanos());
    }
  }

  /**
   * @param interpreter a path or a name on the PATH
   */
  PythonProbe(String interpreter, ProbeProgram program) {
    this.interpreter = interpreter;
    this.program = program;
  }

  /**
   * Returns a probe of a process that starts no workers. The interpreter is not confined, but gets
   * no variable of this process except the PATH.
   */
  public static PythonProbe unconfined(String interpreter, Map<String, String> variables) {
    return new PythonProbe(interpreter, ProbeProgram.unconfined(variables));
  }

  @Override
  public PythonState get() {
    Optional<Identity> present = identity();
    return present.isEmpty()
        ? new Broken("does not exist, or cannot be executed")
        : description(present.get()).state().join();
  }

  private synchronized Description description(Identity present) {
    Description known = newest;
    if (known == null || !known.holdsFor(present)) {
      known = new Description(present, System.nanoTime(), new CompletableFuture<>());
      newest = known;
      var state = known.state();
      // The program must not be started by a virtual thread: its directory is made and deleted.
      try {
        Thread.ofPlatform().daemon().name("python-probe").start(() -> state.complete(look()));
      } catch (Throwable noThread) {
        state.complete(new Broken("cannot be examined now: " + noThread.getMessage()));
      }
    }
    return known;
  }

  private Optional<Identity> identity() {
    try {
      Optional<Path> found = Executables.find(interpreter);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Path file = found.get().toRealPath();
      return Optional.of(new Identity(file, Files.getLastModifiedTime(file), Files.size(file)));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private PythonState look() {
    try {
      // A worker is started with -s, too: it does not use the packages of one user.
      var command = List.of(interpreter, "-s", "-c", text());
      return read(program.run(command, PATIENCE, MOST_BYTES));
    } catch (ProbeProgram.TooSlowException slow) {
      return new Broken("takes longer than " + PATIENCE.toSeconds() + " s to describe itself");
    } catch (IOException | RuntimeException e) {
      return new Broken("does not run as Python");
    } catch (Error noMemory) { // all who ask for the state would wait for ever
      return new Broken("cannot be examined now: " + noMemory.getMessage());
    }
  }

  /** Reads the answer of the interpreter. Lines that are no packages are left out. */
  static PythonState read(String said) {
    List<String> lines = said.lines().toList();
    String[] first = lines.isEmpty() ? new String[0] : lines.getFirst().split("\t", -1);
    if (first.length != FIRST_LINE_PARTS || !first[0].matches("\\d{1,3}\\.\\d{1,3}\\.\\d{1,5}")) {
      return new Broken("does not run as Python");
    }
    var packages = new ArrayList<PythonState.Library>();
    for (String line : lines.subList(1, lines.size())) {
      String[] parts = line.split("\t", -1);
      if (parts.length == 3 && !parts[0].isEmpty()) {
        packages.add(new PythonState.Library(cut(parts[0]), known(parts[1]), known(parts[2])));
      }
    }
    int kept = Math.min(packages.size(), MOST_PACKAGES);
    return new Found(
        first[0],
        cut(first[1]),
        cut(first[2]),
        cut(first[3]),
        packages.subList(0, kept),
        packages.size() - kept);
  }

  private static @Nullable String known(String text) {
    return text.isEmpty() ? null : cut(text);
  }

  private static String cut(String text) {
    return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
  }

  private static String text() {
    try (var in = PythonProbe.class.getResourceAsStream(TEXT)) {
      if (in == null) {
        throw new FileNotFoundException("the service was built without " + TEXT);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
