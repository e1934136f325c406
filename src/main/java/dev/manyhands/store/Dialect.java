package dev.manyhands.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What differs between the databases. All other SQL is shared. */
enum Dialect {
  SQLITE {
    // Primary result codes: PERM, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL,
    // CANTOPEN, PROTOCOL, NOTADB.
    private static final Set<Integer> AWAY = Set.of(3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26);

    // BUSY, LOCKED.
    private static final Set<Integer> CONFLICT = Set.of(5, 6);

    // FULL; IOERR, which a quota or a limit on the size of files looks like.
    private static final Set<Integer> FULL = Set.of(13, 10);

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

    @Override
    boolean isConflict(SQLException failure) {
      return CONFLICT.contains(failure.getErrorCode() & 0xff);
    }

    @Override
    boolean isFull(SQLException failure) {
      return FULL.contains(failure.getErrorCode() & 0xff);
    }

    // Frames that are in the file proper leave their room in the log to others.
    @Override
    void tidy(Connection connection) throws SQLException {
      run(connection, "PRAGMA wal_checkpoint(PASSIVE)");
    }

    // Fewer pages than there are cannot be said: it means no more than there are.
    @Override
    void stopGrowing(Connection connection) throws SQLException {
      run(connection, "PRAGMA max_page_count = 1");
    }

    private static void run(Connection connection, String sql) throws SQLException {
      try (var statement = connection.createStatement()) {
        statement.execute(sql);
      }
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
    // Classes: connection, rolled back for others' sake, resources, operator, system.
    private static final Set<String> AWAY_CLASSES = Set.of("08", "40", "53", "57", "58");

    // A standby; a lock that somebody holds for too long; damaged data, a damaged index.
    private static final Set<String> AWAY_STATES = Set.of("25006", "55P03", "XX001", "XX002");

    // Whether this one was committed is not known.
    private static final String COMPLETION_UNKNOWN = "40003";
    private static final String DISK_FULL = "53100";

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
    boolean isConflict(SQLException failure) {
      String state = failure.getSQLState();
      return state != null && state.startsWith("40") && !state.equals(COMPLETION_UNKNOWN);
    }

    @Override
    boolean isFull(SQLException failure) {
      return DISK_FULL.equals(failure.getSQLState());
    }

    // The server does so itself, and has a disk of its own.
    @Override
    void tidy(Connection connection) {}

    @Override
    void stopGrowing(Connection connection) {}

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
   * Whether it was rolled back, without doubt, because others wrote at the same time: the same may
   * work at once.
   */
  abstract boolean isConflict(SQLException failure);

  /** Whether there is no room for what was to be written. */
  abstract boolean isFull(SQLException failure);

  /** Makes the most of the room that the database has. On a connection that does nothing else. */
  abstract void tidy(Connection connection) throws SQLException;

  /** Has all that this connection writes use the room that the database has already. */
  abstract void stopGrowing(Connection connection) throws SQLException;

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
