package dev.manyhands.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Directories of tests, where {@code @TempDir} does not reach. They are deleted when the JVM ends:
 * a test may still need them after a service has ended. A property keeps them: {@code
 * -Dkeep.directories=true}. Safe for use by several threads.
 */
public final class TemporaryDirectories {
  private static final Queue<Path> MADE = new ConcurrentLinkedQueue<>();

  static {
    if (!Boolean.getBoolean("keep.directories")) {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> MADE.forEach(TemporaryDirectories::delete)));
    }
  }

  private TemporaryDirectories() {}

  /** Makes a directory among the temporary files of this machine. */
  public static Path make(String prefix) throws IOException {
    return added(Files.createTempDirectory(prefix));
  }

  /** Makes a directory in another one, which is made too if it is missing. */
  public static Path makeIn(Path parent, String prefix) throws IOException {
    return added(Files.createTempDirectory(Files.createDirectories(parent), prefix));
  }

  private static Path added(Path directory) {
    MADE.add(directory);
    return directory;
  }

  /**
   * Deletes a directory at once. A file that another user owns may have to stay, and a process may
   * still write.
   */
  public static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return; // the test has deleted it
    }
    try (var files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      System.err.println("not deleted: " + e);
    }
  }
}
