package dev.manyhands.store.sql;

import dev.manyhands.store.CommitListener;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;

/** An empty database of its own for a test. PostgreSQL is a real server, one for all tests. */
public final class TestDatabase implements AutoCloseable {
  private static final AtomicInteger numbers = new AtomicInteger();

  private final DatabaseKind kind;
  private final Path directory;
  private final String name = "test_" + numbers.incrementAndGet();

  private TestDatabase(DatabaseKind kind) {
    this.kind = kind;
    try {
      this.directory = Files.createTempDirectory("manyhands-store");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (kind == DatabaseKind.POSTGRESQL) {
      asAdministrator("CREATE DATABASE " + name);
    }
  }

  public static TestDatabase fresh(DatabaseKind kind) {
    return new TestDatabase(kind);
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
    Flyway.configure()
        .dataSource(DataSources.of(settings()).writer())
        .locations("classpath:db/migration")
        .placeholders(kind.dialect().placeholders())
        .target(version)
        .load()
        .migrate();
  }

  /** Runs a statement behind the back of the store. */
  void execute(String sql, Object... parameters) throws SQLException {
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
    try (var files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Started by the first test that needs it; stops with the JVM. */
  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
