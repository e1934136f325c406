package dev.manyhands.store;

import dev.manyhands.support.BadSettingException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the store is.
 *
 * @param url a JDBC URL of SQLite or PostgreSQL; null for a SQLite file in the data directory
 * @param dataDir made when it is missing; only used without a URL
 * @param user null for none
 * @param password null for none; never printed
 * @param readers how many reads may go on at once
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

  /** The file in the data directory that keeps room back. */
  static final String RESERVE_NAME = "manyhands.reserve";

  public StoreSettings {
    if (readers < 1) {
      throw new BadSettingException("manyhands.store.pool-size must be at least 1, not " + readers);
    }
  }

  /** With the usual patience. */
  public StoreSettings(
      @Nullable String url,
      Path dataDir,
      @Nullable String user,
      @Nullable String password,
      int readers) {
    this(url, dataDir, user, password, readers, Ownership.DEFAULT_PATIENCE);
  }

  /** The embedded default: one SQLite file in this directory. */
  public static StoreSettings embedded(Path dataDir) {
    return new StoreSettings(null, dataDir, null, null, DEFAULT_READERS);
  }

  /** The URL in force. */
  String jdbcUrl() {
    return url != null ? url : "jdbc:sqlite:" + dataDir.resolve(FILE_NAME).toAbsolutePath();
  }

  /** Whether it is a file of ours in the data directory. */
  public boolean isEmbedded() {
    return url == null;
  }

  /** Where it is, for people: without the URL's parameters, where a password may hide. */
  public String place() {
    return jdbcUrl().replaceFirst("\\?.*", "");
  }

  /**
   * For people and logs: without the password, and without the URL's parameters, where one may
   * hide.
   */
  @Override
  public String toString() {
    return "StoreSettings[" + place() + ", readers=" + readers + "]";
  }
}
