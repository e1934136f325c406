package dev.manyhands.outside;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A database on a real PostgreSQL that can be taken from its service for a while. */
final class CutDatabase {
  private static final int MOST_TRIES = 100;

  private final EmbeddedPostgres postgres;
  private final String name;

  CutDatabase(EmbeddedPostgres postgres, String name) {
    this.postgres = postgres;
    this.name = name;
    execute("CREATE DATABASE " + name);
  }

  List<String> settings() {
    return List.of(OwnStore.settings(postgres.getPort(), name));
  }

  void dropConnections() {
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"
            .formatted(name));
  }

  /** Nobody can connect until it is opened. */
  void close() {
    execute("ALTER DATABASE %s ALLOW_CONNECTIONS false".formatted(name));
    dropConnections();
  }

  void open() {
    execute("ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(name));
  }

  /** One of its processes is killed, whereupon it ends all others and recovers from its log. */
  void crash() {
    Long pid = null;
    try (var connection = postgres.getPostgresDatabase().getConnection();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT pid FROM pg_stat_activity WHERE datname = '%s'".formatted(name))) {
      while (rows.next()) {
        pid = rows.getLong(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    if (pid != null) {
      LastingService.signal("KILL", pid);
    }
  }

  /** Tries again while the server recovers. */
  private void execute(String sql) {
    SQLException last = null;
    for (int i = 0; i < MOST_TRIES; i++) {
      try (var connection = postgres.getPostgresDatabase().getConnection();
          var statement = connection.createStatement()) {
        statement.execute(sql);
        return;
      } catch (SQLException recovering) {
        last = recovering;
      }
      try {
        boolean ignored = new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new IllegalStateException(sql, last);
  }
}
