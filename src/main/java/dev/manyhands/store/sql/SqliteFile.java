package dev.manyhands.store.sql;

import dev.manyhands.store.DatabaseInUseException;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.InodeLock;
import dev.manyhands.support.LockFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The path of a SQLite database, and the locks that keep other services out: services with
 * different data directories may have one database in common. A file beside the database names its
 * holder. The file of the database is locked, too. The file beside it may be deleted, and a hard
 * link to the database has another file beside it.
 *
 * <p>Only {@link InodeLock} and SQLite may open the file of the database, because each close of the
 * file ends SQLite's own locks in this process.
 */
final class SqliteFile implements AutoCloseable {
  private static final String SCHEME = "jdbc:sqlite:";
  private static final String UNNAMED =
      "an unnamed process: its lock file was deleted, or it has the database under another name";

  private final LockFile named;
  private final @Nullable InodeLock lock;

  private SqliteFile(LockFile named, @Nullable InodeLock lock) {
    this.named = named;
    this.lock = lock;
  }

  /**
   * Claims the database for this process. To be closed after the database is closed.
   *
   * @return null for a database in memory, or one that is no SQLite database
   * @throws DatabaseInUseException if another service holds it
   * @throws StoreException if it cannot be locked
   */
  static @Nullable SqliteFile claim(String url) {
    Path file = of(url);
    if (file == null) {
      return null;
    }
    try {
      return claim(file);
    } catch (LockFile.HeldException held) {
      throw new DatabaseInUseException(file, held.holder());
    } catch (InodeLock.HeldException held) {
      throw new DatabaseInUseException(file, UNNAMED);
    } catch (IOException failure) {
      throw new StoreException("the database " + file + " cannot be used: " + failure, failure);
    }
  }

  private static SqliteFile claim(Path file)
      throws IOException, LockFile.HeldException, InodeLock.HeldException {
    LockFile named = LockFile.claim(lockOf(file));
    boolean isOurs = false;
    try {
      var claimed = new SqliteFile(named, InodeLock.claim(file));
      isOurs = true;
      return claimed;
    } finally {
      if (!isOurs) {
        named.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.close();
    }
    named.close();
  }

  /**
   * Returns the service that holds the database, in words; null if none does, or none can be seen.
   */
  static @Nullable String holder(String url) {
    Path file = of(url);
    try {
      if (file == null) {
        return null;
      }
      String holder = LockFile.holderOf(lockOf(file));
      boolean isUnnamed = holder == null && Files.exists(file) && InodeLock.isHeld(file);
      return isUnnamed ? UNNAMED : holder;
    } catch (IOException notThere) {
      return null;
    }
  }

  /** Returns the lock file beside the real path, so that a link leads to this lock. */
  private static Path lockOf(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path parent = absolute.getParent();
    Path real =
        Files.exists(absolute) || parent == null
            ? absolute.toRealPath()
            : parent.toRealPath().resolve(absolute.getFileName());
    return real.resolveSibling(real.getFileName() + ".lock");
  }

  /** Returns the file of a URL; null if the URL has none. */
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
