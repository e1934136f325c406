package dev.manyhands.app;

import dev.manyhands.support.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory of one service only: two services on one directory would take each other's jobs.
 */
final class DataDirectory implements AutoCloseable {
  /** The file in the directory that the service locks. */
  static final String LOCK = "lock";

  private final Path path;
  private final LockFile lock;

  private DataDirectory(Path path, LockFile lock) {
    this.path = path;
    this.lock = lock;
  }

  /** Thrown when another service holds the directory. */
  static final class InUseException extends CannotStartException {
    private static final long serialVersionUID = 1L;

    private InUseException(Path path, String holder) {
      super(
          "another service uses the data directory " + path + ": " + holder,
          "End that service, or set manyhands.data-dir (MANYHANDS_DATA_DIR) to another directory.",
          null);
    }
  }

  /**
   * Makes the directory if necessary, and locks it until the result is closed or the process ends.
   *
   * @throws InUseException if another process holds the directory
   * @throws CannotStartException if the directory cannot be written to
   */
  static DataDirectory claim(Path path) {
    try {
      Files.createDirectories(path);
      return new DataDirectory(path, LockFile.claim(path.resolve(LOCK)));
    } catch (LockFile.HeldException held) {
      throw new InUseException(path.toAbsolutePath(), held.holder());
    } catch (IOException e) {
      throw new CannotStartException(
          "the data directory " + path.toAbsolutePath() + " cannot be written to: " + e,
          "Set manyhands.data-dir (MANYHANDS_DATA_DIR) to a directory that can.",
          e);
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
