package dev.manyhands.outside;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One PostgreSQL for all tests that only need a database: a server takes seconds to make. Started
 * by the first test that needs it; stops with the JVM. Safe for use by any thread. Tests that stop
 * or disturb the server have a server of their own.
 */
final class SharedPostgres {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private SharedPostgres() {}

  /** Makes an empty database, and returns its name. */
  static String newDatabase() {
    String name = "tests_" + DATABASES.incrementAndGet();
    execute("CREATE DATABASE " + name);
    return name;
  }

  static void drop(String database) {
    execute("DROP DATABASE " + database + " WITH (FORCE)");
  }

  /** Returns the settings of a service on one of the databases. */
  static String[] settings(String database, String... more) {
    return OwnStore.settings(port(), database, more);
  }

  /** Returns the port of the server, on this machine. Its user {@code postgres} may do all. */
  static int port() {
    return Server.POSTGRES.getPort();
  }

  static void execute(String sql) {
    try (var connection = Server.POSTGRES.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

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
