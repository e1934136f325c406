package dev.manyhands.outside;

import dev.manyhands.function.JarDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How tests start what was packaged: as the jar itself, or as the image has it, extracted and with
 * an AOT cache, which takes less than half of the time. The cache is made by the first test that
 * needs it, and again when the jar has changed.
 */
final class Packaged {
  private static final Path JAR = Path.of("target", "manyhands.jar").toAbsolutePath();
  private static final Path LAYOUT = Path.of("target", "layout").toAbsolutePath();
  private static final Path EXTRACTED = LAYOUT.resolve("manyhands.jar");
  private static final Path CACHE = LAYOUT.resolve("manyhands.aot");

  /** The digest of the jar, whose time is equal in all builds. */
  private static final Path MADE_OF = LAYOUT.resolve("made-of");

  /** Checked once, because the jar does not change while tests run. */
  private static boolean isUpToDate;

  private Packaged() {}

  /** {@code java -jar}, with these options. */
  static List<String> jar(String... options) {
    return java(JAR, options);
  }

  /** Returns the command of the extracted jar with its cache. */
  static synchronized List<String> extracted(String... options) {
    try {
      if (!isUpToDate) {
        bringUpToDate();
        isUpToDate = true;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    var all = new ArrayList<>(List.of(options));
    all.add("-XX:AOTCache=" + CACHE);
    return java(EXTRACTED, all.toArray(String[]::new));
  }

  private static List<String> java(Path jar, String... options) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-jar", jar.toString()));
    return command;
  }

  private static void bringUpToDate() throws IOException, InterruptedException {
    String digest = JarDirectory.digest(JAR);
    if (!Files.exists(MADE_OF) || !Files.readString(MADE_OF).equals(digest)) {
      extract();
      train();
      Files.writeString(MADE_OF, digest);
    }
  }

  private static void extract() throws IOException, InterruptedException {
    var command = jar("-Djarmode=tools");
    command.addAll(List.of("extract", "--force", "--destination", LAYOUT.toString()));
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the jar could not be extracted");
    }
    Files.deleteIfExists(CACHE);
  }

  /** The JVM writes down at its end what it has loaded and linked. */
  private static void train() throws InterruptedException {
    var service =
        Service.startAs(
            java(EXTRACTED, "-Xmx256m", "-XX:AOTCacheOutput=" + CACHE),
            Service.newDirectory(),
            List.of());
    service.run("{\"function\": \"check_prime\", \"inputs\": [7]}");
    service.terminate();
    if (!Files.exists(CACHE)) {
      throw new IllegalStateException("no cache was made:\n" + service.log());
    }
  }
}
