package dev.manyhands.store.sql;

import dev.manyhands.store.writer.Dialect;
import dev.manyhands.store.writer.Ownership;
import dev.manyhands.support.BadSettingException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The location of the store and the access to it.
 *
 * @param url a JDBC URL of SQLite or PostgreSQL; null for a SQLite file in the data directory
 * @param dataDir created when it is missing; only used without a URL
 * @param user null for none
 * @param password null for none; never printed
 * @param readers how many reads may run at once
 * @param patience how long the start waits while another service writes to the database
 */
public record StoreSettings(
    @Nullable String url,
    Path dataDir,
    @Nullable String user,
    @Nullable String password,
    int readers,
    Duration patience) {

  public static final int DEFAULT_READERS = 4;

  /** The name of the SQLite file in the data directory. */
  static final String FILE_NAME = "manyhands.db";

  /** The name of the file in the data directory that keeps room back. */
  static final String RESERVE_NAME = "manyhands.reserve";

  public StoreSettings {
    if (url != null) {
      var _ = Dialect.of(url); // refuses any other database
    }
    if (readers < 1) {
      throw new BadSettingException("manyhands.store.pool-size must be at least 1, not " + readers);
    }
  }

  /** Creates settings with the usual patience. */
  public StoreSettings(
      @Nullable String url,
      Path dataDir,
      @Nullable String user,
      @Nullable String password,
      int readers) {
    this(url, dataDir, user, password, readers, Ownership.DEFAULT_PATIENCE);
  }

  /** Returns the embedded default: one SQLite file in this directory. */
  public static StoreSettings embedded(Path dataDir) {
    return new StoreSettings(null, dataDir, null, null, DEFAULT_READERS);
  }

  /** Returns the URL in force. */
  String jdbcUrl() {
    return url != null ? url : "jdbc:sqlite:" + dataDir.resolve(FILE_NAME).toAbsolutePath();
  }

  /** Returns whether the database is a file of ours in the data directory. */
  public boolean isEmbedded() {
    return url == null;
  }

  /**
   * Returns the location, for people. It omits the URL's parameters, which may contain a password.
   */
  public String place() {
    return jdbcUrl().replaceFirst("\\?.*", "");
  }

  /**
   * Returns text for people and logs. It omits the password, and the URL's parameters, which may
   * contain one.
   */
  @Override
  public String toString() {
    return "StoreSettings[" + place() + ", readers=" + readers + "]";
  }
}
