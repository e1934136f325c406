package dev.manyhands.worker;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds programs as a shell would, without one. */
public final class Executables {
  private Executables() {}

  /** The file that this path or name on the PATH means, if it can be executed. */
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

  static String path() {
    String path = System.getenv("PATH");
    return path == null ? "/usr/local/bin:/usr/bin:/bin" : path;
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
