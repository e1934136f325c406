package dev.manyhands.store.writer;

import dev.manyhands.support.BadSettingException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/** The differences between the databases. All other SQL is shared. */
public enum Dialect {
  SQLITE {
    // Primary result codes: PERM, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL,
    // CANTOPEN, PROTOCOL, NOTADB.
    private static final Set<Integer> AWAY = Set.of(3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26);

    // BUSY, LOCKED.
    private static final Set<Integer> CONFLICT = Set.of(5, 6);

    // FULL. And IOERR, which is the code for a quota or a limit on the size of files.
    private static final Set<Integer> FULL = Set.of(13, 10);

    @Override
    public Map<String, String> placeholders() {
      return Map.of(
          "blob",
          "BLOB",
          "text",
          "TEXT",
          "clustered",
          " WITHOUT ROWID",
          "random",
          "lower(hex(randomblob(16)))",
          "position",
          "INSTR");
    }

    @Override
    public String lockingRow() {
      return ""; // the one writer has the whole database
    }

    @Override
    boolean isAway(SQLException failure) {
      return AWAY.contains(failure.getErrorCode() & 0xff);
    }

    @Override
    public void insistOnDurability(Connection connection) {
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

    // Writes the log into the database file, so that new writes can reuse the log's room.
    @Override
    void tidy(Connection connection) throws SQLException {
      run(connection, "PRAGMA wal_checkpoint(PASSIVE)");
    }

    // SQLite raises a limit of one page to the present number of pages.
    @Override
    void stopGrowing(Connection connection) throws SQLException {
      run(connection, "PRAGMA max_page_count = 1");
    }

    @Override
    boolean hasRoomInside(Connection connection) throws SQLException {
      try (var statement = connection.createStatement();
          var pages = statement.executeQuery("PRAGMA freelist_count")) {
        return pages.next() && pages.getLong(1) > 0;
      }
    }

    private static void run(Connection connection, String sql) throws SQLException {
      try (var statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }

    // The busy_timeout of the connection bounds waits for locks of other processes.
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
    public Ownership ownership() {
      return Ownership.ALONE;
    }
  },

  POSTGRESQL {
    // Classes: connection, rolled back because of others, resources, operator, system.
    private static final Set<String> AWAY_CLASSES = Set.of("08", "40", "53", "57", "58");

    // A standby. A lock that another session holds for too long. Damaged data, a damaged index.
    private static final Set<String> AWAY_STATES = Set.of("25006", "55P03", "XX001", "XX002");

    // The server does not know whether the transaction was committed.
    private static final String COMPLETION_UNKNOWN = "40003";
    private static final String DISK_FULL = "53100";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    // Waits for locks are shorter than any client waits for an answer. The other settings let the
    // server release what it holds for a lost host, before a successor gives up waiting.
    private static final String WAITS =
        "SELECT set_config('lock_timeout', '5s', false),"
            + " set_config('tcp_keepalives_idle', '10', false),"
            + " set_config('tcp_keepalives_interval', '5', false),"
            + " set_config('tcp_keepalives_count', '3', false),"
            + " set_config('tcp_user_timeout', '25s', false)";

    @Override
    public Map<String, String> placeholders() {
      return Map.of(
          "blob",
          "BYTEA",
          "text",
          "TEXT COLLATE \"C\"",
          "clustered",
          "",
          "random",
          "md5(random()::text || clock_timestamp()::text)",
          "position",
          "STRPOS");
    }

    @Override
    public String lockingRow() {
      return " FOR UPDATE";
    }

    @Override
    boolean isAway(SQLException failure) {
      String state = failure.getSQLState();
      return state != null
          && state.length() == 5
          && (AWAY_CLASSES.contains(state.substring(0, 2)) || AWAY_STATES.contains(state));
    }

    // Keeps settings that are stronger than "on", and "local", which is about standbys.
    @Override
    public void insistOnDurability(Connection connection) throws SQLException {
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

    // The server does this itself, and has a disk of its own.
    @Override
    void tidy(Connection connection) {}

    @Override
    void stopGrowing(Connection connection) {}

    @Override
    boolean hasRoomInside(Connection connection) {
      return false; // unknown, and there is no reserve to use it with
    }

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
    public Ownership ownership() {
      return new PostgresOwnership();
    }
  };

  public static Dialect of(String url) {
    if (url.startsWith("jdbc:sqlite:")) {
      return SQLITE;
    }
    if (url.startsWith("jdbc:postgresql:")) {
      return POSTGRESQL;
    }
    throw new BadSettingException(
        "manyhands.store.url must begin with jdbc:sqlite: or jdbc:postgresql:, as in"
            + " jdbc:postgresql://host/database");
  }

  /** Returns the values of the placeholders in the migrations. */
  public abstract Map<String, String> placeholders();

  /**
   * Returns the end of a SELECT, by which its row stays as it is until this transaction has ended.
   */
  public abstract String lockingRow();

  /**
   * Returns whether the database is at fault rather than the write, so that the write may work
   * later.
   */
  abstract boolean isAway(SQLException failure);

  /**
   * Makes commits of this connection durable before they are answered. The server's own settings
   * may allow an earlier answer.
   *
   * @param connection that commits each statement by itself
   */
  public abstract void insistOnDurability(Connection connection) throws SQLException;

  /**
   * Returns whether the transaction was rolled back, without doubt, because others wrote at that
   * time. A second attempt may work at once.
   */
  abstract boolean isConflict(SQLException failure);

  /** Returns whether the disk has no room for the write, or the database must not grow. */
  abstract boolean isFull(SQLException failure);

  /**
   * Lets new writes reuse room that the database has already. The connection must be used for
   * nothing else.
   */
  abstract void tidy(Connection connection) throws SQLException;

  /** Limits all writes of this connection to the room that the database has already. */
  abstract void stopGrowing(Connection connection) throws SQLException;

  /**
   * Returns whether the database has room that deleted rows have left; false if this is not known.
   */
  abstract boolean hasRoomInside(Connection connection) throws SQLException;

  /**
   * Bounds how long a statement of this connection waits for locks of others, and how long the
   * server takes to notice that this end is gone.
   *
   * @param connection that commits each statement by itself
   */
  abstract void boundWaits(Connection connection) throws SQLException;

  /**
   * Returns whether the transaction was rolled back, without doubt, because another session held a
   * lock for too long.
   */
  abstract boolean isLocked(SQLException failure);

  /**
   * Returns whether the connection is sure to be usable after this failure, once the transaction
   * has been rolled back.
   */
  abstract boolean leavesConnection(SQLException failure);

  /** Returns the right to write to such a database; a new one for each service. */
  public abstract Ownership ownership();
}
