package dev.manyhands.store.sql;

import dev.manyhands.store.CommitListener;
import dev.manyhands.support.TemporaryDirectories;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database of its own for a test. PostgreSQL is a real server, one for all tests. Most tests get
 * a copy of one database whose tables are there, because the migrations take most of their time.
 */
public final class TestDatabase implements AutoCloseable {
  private static final AtomicInteger numbers = new AtomicInteger();
  private static final Map<DatabaseKind, TestDatabase> TEMPLATES =
      new EnumMap<>(DatabaseKind.class);

  private final DatabaseKind kind;
  private final Path directory;
  private final String name = "test_" + numbers.incrementAndGet();

  private TestDatabase(DatabaseKind kind) {
    this.kind = kind;
    try {
      this.directory = TemporaryDirectories.make("manyhands-store");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a database without rows, with the tables of today. */
  public static TestDatabase fresh(DatabaseKind kind) {
    var database = new TestDatabase(kind);
    database.copy(template(kind));
    return database;
  }

  /** Makes a database without tables. */
  static TestDatabase empty(DatabaseKind kind) {
    var database = new TestDatabase(kind);
    if (kind == DatabaseKind.POSTGRESQL) {
      asAdministrator("CREATE DATABASE " + database.name);
    }
    return database;
  }

  private static TestDatabase template(DatabaseKind kind) {
    synchronized (TEMPLATES) {
      return TEMPLATES.computeIfAbsent(kind, TestDatabase::migrated);
    }
  }

  private static TestDatabase migrated(DatabaseKind kind) {
    TestDatabase database = empty(kind);
    Database.migrate(kind.dialect(), DataSources.of(database.settings()));
    return database;
  }

  private void copy(TestDatabase template) {
    if (kind == DatabaseKind.POSTGRESQL) {
      asAdministrator("CREATE DATABASE " + name + " TEMPLATE " + template.name);
      return;
    }
    try {
      Files.copy(
          template.directory.resolve(StoreSettings.FILE_NAME),
          directory.resolve(StoreSettings.FILE_NAME));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public StoreSettings settings() {
    return switch (kind) {
      case SQLITE -> StoreSettings.embedded(directory);
      case POSTGRESQL ->
          new StoreSettings(
              Server.POSTGRES.getJdbcUrl("postgres", name), directory, "postgres", "secret", 4);
    };
  }

  /** Makes the tables of an earlier version. */
  void migrateTo(String version) {
    Database.migrations(kind.dialect(), DataSources.of(settings()))
        .target(version)
        .load()
        .migrate();
  }

  /** Runs a statement behind the back of the store. */
  public void execute(String sql, Object... parameters) throws SQLException {
    try (var connection = DataSources.of(settings()).writer().getConnection();
        var statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      statement.execute();
    }
  }

  /** The one number that a query yields. */
  long number(String sql) throws SQLException {
    try (var connection = DataSources.of(settings()).writer().getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  public SqlStores open(TestClock clock) {
    return SqlStores.open(settings(), clock, CommitListener.NONE);
  }

  /** Shuts all clients out: no client can connect, and connected clients are disconnected. */
  void shutOut() {
    asAdministrator("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
    throwOut();
  }

  void throwOut() {
    asAdministrator(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '"
            + name
            + "'");
  }

  void letIn() {
    asAdministrator("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
  }

  private static void asAdministrator(String sql) {
    try (var connection = Server.POSTGRES.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Override
  public void close() {
    if (kind == DatabaseKind.POSTGRESQL) {
      asAdministrator("DROP DATABASE " + name + " WITH (FORCE)");
    }
    TemporaryDirectories.delete(directory);
  }

  /** Started by the first test that needs it; stops with the JVM. */
  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        // No test loses the machine, hence nothing needs to be on the disk.
        return EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
