package dev.manyhands.store.sql;

import dev.manyhands.store.writer.Dialect;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The sources of connections.
 *
 * @param writer for the one writer, and for the migrations before it
 * @param reader for reads only
 */
public record DataSources(DataSource writer, DataSource reader) {

  private static final int BUSY_MILLIS = 5_000;
  private static final String CONNECT_SECONDS = "5";

  /**
   * Longer than any statement of ours takes. Without this limit, a lost peer would block the writer
   * for a quarter of an hour.
   */
  private static final String SOCKET_SECONDS = "60";

  public static DataSources of(StoreSettings settings) {
    String url = settings.jdbcUrl();
    return switch (Dialect.of(url)) {
      case SQLITE -> new DataSources(sqlite(url, false), sqlite(url, true));
      case POSTGRESQL -> {
        DataSource source = postgresql(url, settings.user(), settings.password());
        yield new DataSources(source, source);
      }
    };
  }

  private static DataSource sqlite(String url, boolean readOnly) {
    var config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(BUSY_MILLIS);
    config.enforceForeignKeys(true);
    config.setReadOnly(readOnly);
    // With this option, each insert would ask for its generated key, and ours have none.
    config.setGetGeneratedKeys(false);
    // Transactions are DEFERRED. The driver begins the next transaction right after a commit, and
    // an IMMEDIATE one would keep the lock while nothing is written. If another process writes in
    // between, the group is refused and runs again.
    var source = new SQLiteDataSource(config);
    source.setUrl(url);
    return source;
  }

  private static DataSource postgresql(
      String url, @Nullable String user, @Nullable String password) {
    // By name: the driver's own classes need annotations at compile time that are not published.
    var source = new DriverManagerDataSource(url);
    source.setDriverClassName("org.postgresql.Driver");
    var defaults = new Properties(); // parameters in the URL have priority
    defaults.setProperty("connectTimeout", CONNECT_SECONDS);
    defaults.setProperty("socketTimeout", SOCKET_SECONDS);
    defaults.setProperty("tcpKeepAlive", "true");
    defaults.setProperty("ApplicationName", "manyhands");
    source.setConnectionProperties(defaults);
    if (user != null) {
      source.setUsername(user);
    }
    if (password != null) {
      source.setPassword(password);
    }
    return source;
  }
}
