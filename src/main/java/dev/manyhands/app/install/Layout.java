package dev.manyhands.app.install;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.system.ApplicationHome;

/**
 * The files of an installation.
 *
 * @param directory absolute, without symbolic links
 */
public record Layout(Path directory) {

  /** Returns the installation that this process runs from; empty if it runs from the plain jar. */
  public static Optional<Layout> ofThisProcess() {
    File source = new ApplicationHome(Layout.class).getSource();
    if (source == null || !source.isFile()) {
      return Optional.empty();
    }
    Path directory = source.toPath().toAbsolutePath().getParent();
    return Optional.ofNullable(directory)
        .map(Layout::new)
        .filter(layout -> Files.isRegularFile(layout.launcher()));
  }

  /** Returns the jar with our own classes. It names the jars of {@link #libraries}. */
  Path jar() {
    return directory.resolve("manyhands.jar");
  }

  Path libraries() {
    return directory.resolve("lib");
  }

  /** Returns the directory of SQLite's native library. */
  Path nativeLibraries() {
    return directory.resolve("native");
  }

  /** Returns the directory of the class archives for Java workers. */
  public Path archives() {
    return directory.resolve("archives");
  }

  Path cache() {
    return directory.resolve("manyhands.aot");
  }

  /** Returns the program that starts the service. */
  Path launcher() {
    return directory.resolve("bin").resolve("manyhands");
  }

  /** Returns the file with the home of the Java that has made the cache. */
  Path javaHome() {
    return directory.resolve("java.home");
  }

  /**
   * Returns the file that names the installed jar, by its digest, and the Java that installed it.
   */
  Path madeOf() {
    return directory.resolve("made-of");
  }

  /**
   * Returns the start of a command that runs the service; its settings follow. The launcher starts
   * the service in the same way. The cache serves only a service that is started like this.
   *
   * @param java the program
   * @param option of the JVM
   */
  List<String> command(Path java, String option) {
    return List.of(
        java.toString(),
        option,
        "-Dorg.sqlite.lib.path=" + nativeLibraries(),
        "-jar",
        jar().toString());
  }
}
