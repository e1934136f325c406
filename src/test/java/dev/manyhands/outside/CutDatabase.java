package dev.manyhands.outside;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A database on a real PostgreSQL that can be taken from its service for a while. */
final class CutDatabase {
  private static final int MOST_TRIES = 100;

  private final int port;
  private final String name;

  /**
   * Creates the database.
   *
   * @param port of the server on this machine, which may stop and start meanwhile
   */
  CutDatabase(int port, String name) {
    this.port = port;
    this.name = name;
    execute("CREATE DATABASE " + name);
  }

  List<String> settings() {
    return List.of(OwnStore.settings(port, name));
  }

  void dropConnections() {
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"
            .formatted(name));
  }

  /** Ends each statement that runs now, and no connection. */
  void cancelStatements() {
    execute(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = '%s'".formatted(name));
  }

  /** Locks a table: no other session can read or write it meanwhile. */
  void lock(String table, int seconds) {
    try (var connection = connect(name);
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE".formatted(table));
      statement.execute("SELECT pg_sleep(%d)".formatted(seconds));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the number in the only row and column of the answer. */
  long count(String query) {
    try (var connection = connect(name);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Closes the database: no client can connect until it is opened. */
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
    try (var connection = connect("postgres");
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
      try (var connection = connect("postgres");
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

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + port + "/" + database, "postgres", "postgres");
  }
}
