package dev.manyhands.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What differs between the databases. All other SQL is shared. */
enum Dialect {
  SQLITE {
    // Primary result codes: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL.
    private static final Set<Integer> AWAY = Set.of(5, 6, 7, 8, 10, 13, 14, 15);

    @Override
    Map<String, String> placeholders() {
      return Map.of("blob", "BLOB", "text", "TEXT", "clustered", " WITHOUT ROWID");
    }

    @Override
    String lockingRow() {
      return ""; // the one writer has the whole database
    }

    @Override
    boolean isAway(SQLException failure) {
      return AWAY.contains(failure.getErrorCode() & 0xff);
    }

    @Override
    void insistOnDurability(Connection connection) {
      // Each connection is opened with synchronous=FULL.
    }

    // A commit that fails here has not happened: there is no network to lose the answer on.
    @Override
    @Nullable String mark(Connection connection) {
      return null;
    }

    @Override
    boolean hasCommitted(Connection connection, String mark) {
      return false;
    }
  },

  POSTGRESQL {
    // Classes: connection, rolled back for others' sake, resources, system.
    private static final Set<String> AWAY_CLASSES = Set.of("08", "40", "53", "58");

    // Shut down, crashed, starting, dropped; a standby; a lock that somebody holds for too long.
    private static final Set<String> AWAY_STATES =
        Set.of("57P01", "57P02", "57P03", "57P04", "57P05", "25006", "55P03");

    @Override
    Map<String, String> placeholders() {
      return Map.of("blob", "BYTEA", "text", "TEXT COLLATE \"C\"", "clustered", "");
    }

    @Override
    String lockingRow() {
      return " FOR UPDATE";
    }

    @Override
    boolean isAway(SQLException failure) {
      String state = failure.getSQLState();
      return state != null
          && state.length() == 5
          && (AWAY_CLASSES.contains(state.substring(0, 2)) || AWAY_STATES.contains(state));
    }

    // Stronger settings than "on" stay, and "local", which is about standbys.
    @Override
    void insistOnDurability(Connection connection) throws SQLException {
      try (var statement = connection.createStatement()) {
        statement.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
                + " WHERE current_setting('synchronous_commit') = 'off'");
      }
    }

    @Override
    String mark(Connection connection) throws SQLException {
      return one(connection, "SELECT pg_current_xact_id()::text", null);
    }

    @Override
    boolean hasCommitted(Connection connection, String mark) throws SQLException {
      String status = one(connection, "SELECT pg_xact_status(?::xid8)", mark);
      if (status.equals("in progress")) {
        throw new SQLException("transaction " + mark + " has not ended yet", "08007");
      }
      return status.equals("committed");
    }

    private static String one(Connection connection, String sql, @Nullable String parameter)
        throws SQLException {
      try (var statement = connection.prepareStatement(sql)) {
        if (parameter != null) {
          statement.setString(1, parameter);
        }
        try (var rows = statement.executeQuery()) {
          rows.next();
          String answer = rows.getString(1);
          return answer == null ? "forgotten" : answer;
        }
      }
    }
  };

  static Dialect of(String url) {
    if (url.startsWith("jdbc:sqlite:")) {
      return SQLITE;
    }
    if (url.startsWith("jdbc:postgresql:")) {
      return POSTGRESQL;
    }
    throw new IllegalArgumentException(
        "the database URL must begin with jdbc:sqlite: or jdbc:postgresql:");
  }

  /** What the migrations leave open. */
  abstract Map<String, String> placeholders();

  /** Ends a SELECT so that its row stays as it is until this transaction has ended. */
  abstract String lockingRow();

  /**
   * Whether this is the database's plight, so that the same write may work later, and not the
   * write's own fault.
   */
  abstract boolean isAway(SQLException failure);

  /**
   * Makes commits of this connection last once they are answered, also where the server's own
   * settings allow it to answer before they are on disk.
   *
   * @param connection that commits each statement by itself
   */
  abstract void insistOnDurability(Connection connection) throws SQLException;

  /**
   * Names the running transaction, so that its fate can be asked for when its commit's answer was
   * lost.
   */
  abstract @Nullable String mark(Connection connection) throws SQLException;

  /**
   * Whether the transaction of that name was committed.
   *
   * @throws SQLException also when that is not known yet
   */
  abstract boolean hasCommitted(Connection connection, String mark) throws SQLException;
}
