package dev.manyhands.outside;

import dev.manyhands.function.JarDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How tests start what was packaged: as the jar itself, or installed with an AOT cache, which takes
 * less than half of the time. The build installs the jar. If it did not, the first test that needs
 * the installation makes it.
 */
final class Packaged {
  private static final Path JAR = Path.of("target", "manyhands.jar").toAbsolutePath();

  /** The installation. */
  static final Path INSTALLED = Path.of("target", "manyhands").toAbsolutePath();

  private static final Path MADE_OF = INSTALLED.resolve("made-of");

  /** Checked once, because the jar does not change while tests run. */
  private static boolean isUpToDate;

  private Packaged() {}

  /** {@code java -jar}, with these options. */
  static List<String> jar(String... options) {
    return java(JAR, options);
  }

  /**
   * Returns the command that {@code bin/manyhands} becomes, with more options of the JVM, and with
   * the Java of the tests.
   */
  static List<String> installed(String... options) {
    bringUpToDate();
    var all = new ArrayList<>(List.of(options));
    all.add("-XX:AOTCache=" + INSTALLED.resolve("manyhands.aot"));
    all.add("-Dorg.sqlite.lib.path=" + INSTALLED.resolve("native"));
    return java(INSTALLED.resolve("manyhands.jar"), all.toArray(String[]::new));
  }

  private static List<String> java(Path jar, String... options) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-jar", jar.toString()));
    return command;
  }

  static synchronized void bringUpToDate() {
    try {
      if (!isUpToDate
          && !(Files.exists(MADE_OF)
              && Files.readString(MADE_OF).startsWith(JarDirectory.digest(JAR) + " "))) {
        install();
      }
      isUpToDate = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void install() throws IOException, InterruptedException {
    var command = jar();
    command.addAll(List.of("install", INSTALLED.toString()));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException("the jar could not be installed");
    }
  }
}
