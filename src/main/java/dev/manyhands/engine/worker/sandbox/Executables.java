package dev.manyhands.engine.worker.sandbox;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds programs as a shell would. */
public final class Executables {
  private Executables() {}

  /** Returns the file of this path or name on the PATH, if it can be executed. */
  public static Optional<Path> find(String program) {
    try {
      if (program.indexOf(File.separatorChar) >= 0) {
        return Optional.of(Path.of(program)).filter(Executables::isProgram);
      }
      for (String directory : path().split(File.pathSeparator, -1)) {
        Path candidate = Path.of(directory.isEmpty() ? "." : directory, program);
        if (isProgram(candidate)) {
          return Optional.of(candidate);
        }
      }
    } catch (InvalidPathException noSuchName) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** Runs a program as a test. Returns in words why it failed, or null if it succeeded. */
  static @Nullable String trial(String program, String... arguments) {
    Optional<Path> found = find(program);
    if (found.isEmpty()) {
      return "there is no " + program + " on the PATH";
    }
    var command = new ArrayList<String>();
    command.add(found.get().toString());
    command.addAll(List.of(arguments));
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      return status == 0
          ? null
          : program + " does not work here (" + said.lines().findFirst().orElse("?") + ")";
    } catch (IOException e) {
      return program + " cannot be run (" + e.getMessage() + ")";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return program + " could not be tried";
    }
  }

  /** Returns the program of the JVM that runs the service. It may be missing. */
  public static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  public static String path() {
    String path = System.getenv("PATH");
    return path == null ? "/usr/local/bin:/usr/bin:/bin" : path;
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
