package dev.manyhands.store;

import dev.manyhands.support.BadSettingException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/** The differences between the databases. All other SQL is shared. */
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

    // Those of other processes are waited for as long as the connection's busy_timeout says.
    @Override
    void boundWaits(Connection connection) {}

    @Override
    boolean isLocked(SQLException failure) {
      return false;
    }

    @Override
    boolean leavesConnection(SQLException failure) {
      return false;
    }

    @Override
    Ownership ownership() {
      return Ownership.ALONE;
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
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    // Locks: shorter than anybody waits for an answer. The rest: what the server holds for a host
    // that was lost is free before a successor gives up waiting.
    private static final String WAITS =
        "SELECT set_config('lock_timeout', '5s', false),"
            + " set_config('tcp_keepalives_idle', '10', false),"
            + " set_config('tcp_keepalives_interval', '5', false),"
            + " set_config('tcp_keepalives_count', '3', false),"
            + " set_config('tcp_user_timeout', '25s', false)";

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
    void boundWaits(Connection connection) throws SQLException {
      try (var statement = connection.createStatement()) {
        statement.execute(WAITS);
      }
    }

    @Override
    boolean isLocked(SQLException failure) {
      return LOCK_NOT_AVAILABLE.equals(failure.getSQLState());
    }

    @Override
    boolean leavesConnection(SQLException failure) {
      return isConflict(failure) || isLocked(failure);
    }

    @Override
    Ownership ownership() {
      return new PostgresOwnership();
    }
  };

  static Dialect of(String url) {
    if (url.startsWith("jdbc:sqlite:")) {
      return SQLITE;
    }
    if (url.startsWith("jdbc:postgresql:")) {
      return POSTGRESQL;
    }
    throw new BadSettingException(
        "manyhands.store.url must begin with jdbc:sqlite: or jdbc:postgresql:");
  }

  /** Returns the values of the placeholders in the migrations. */
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
   * Bounds how long a statement of this connection waits for locks of others, and how long the
   * server takes to notice that this end is gone.
   *
   * @param connection that commits each statement by itself
   */
  abstract void boundWaits(Connection connection) throws SQLException;

  /** Whether it was rolled back, without doubt, because somebody else held a lock for too long. */
  abstract boolean isLocked(SQLException failure);

  /** Whether the connection is as good as before once the transaction has been rolled back. */
  abstract boolean leavesConnection(SQLException failure);

  /** The right to write to such a database; a new one for each service. */
  abstract Ownership ownership();
}
