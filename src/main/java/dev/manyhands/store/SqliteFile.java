package dev.manyhands.store;

import dev.manyhands.support.LockFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a SQLite database is, and the lock beside it: services with different data directories may
 * have the same database. The file of the database itself must not be locked, nor opened by anybody
 * but SQLite, whose own locks would be lost.
 */
final class SqliteFile {
  private static final String SCHEME = "jdbc:sqlite:";

  private SqliteFile() {}

  /**
   * Holds the database for this process.
   *
   * @return null for a database that is in memory, or no SQLite database
   * @throws DatabaseInUseException if another service holds it
   * @throws StoreException if it cannot be locked
   */
  static @Nullable LockFile claim(String url) {
    Path file = of(url);
    if (file == null) {
      return null;
    }
    try {
      return LockFile.claim(lockOf(file));
    } catch (LockFile.HeldException held) {
      throw new DatabaseInUseException(file, held.holder());
    } catch (IOException failure) {
      throw new StoreException("the database " + file + " cannot be used: " + failure, failure);
    }
  }

  /** The service that holds the database, in words; null if none does. */
  static @Nullable String holder(String url) {
    Path file = of(url);
    try {
      return file == null ? null : LockFile.holderOf(lockOf(file));
    } catch (IOException notThere) {
      return null;
    }
  }

  /** By the real path, so that a link leads to the same lock. */
  private static Path lockOf(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path parent = absolute.getParent();
    Path real =
        Files.exists(absolute) || parent == null
            ? absolute.toRealPath()
            : parent.toRealPath().resolve(absolute.getFileName());
    return real.resolveSibling(real.getFileName() + ".lock");
  }

  /** The file that a URL is about; null for none. */
  static @Nullable Path of(String url) {
    if (!url.startsWith(SCHEME)) {
      return null;
    }
    String rest = url.substring(SCHEME.length());
    String name = rest.replaceFirst("\\?.*", "");
    if (name.startsWith("file:")) {
      URI uri = URI.create(name);
      name = uri.getPath() == null ? uri.getSchemeSpecificPart() : uri.getPath();
    }
    boolean inMemory = name.isEmpty() || name.startsWith(":") || rest.contains("mode=memory");
    return inMemory ? null : Path.of(name);
  }
}
