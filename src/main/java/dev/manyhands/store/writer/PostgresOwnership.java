package dev.manyhands.store.writer;

import dev.manyhands.store.OwnershipLostException;
import dev.manyhands.support.LockFile;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ownership of a PostgreSQL database, by two means that need each other.
 *
 * <pre>
 * a session's advisory lock   Shows whether the owner is alive: the server releases it with the
 *                             owner's connection. It shows nothing about a transaction on its way.
 * the row of writer           Names the owner, and is locked by each group of writes. A service
 *                             that has lost its place, and does not know this, commits nothing.
 * </pre>
 *
 * <p>The marks of commits are rows of our own. Ids of transactions cannot be marks: after a crash,
 * PostgreSQL may give an id that it has forgotten to another transaction.
 */
public final class PostgresOwnership implements Ownership {
  private static final String LOCK_CLASS = Integer.toString(0x6d616e79); // "many"

  /** Keeps services apart that have schemas of their own in one database. */
  private static final String LOCK_OBJECT = "hashtext(coalesce(current_schema(), ''))";

  private static final String LOCK = "(" + LOCK_CLASS + ", " + LOCK_OBJECT + ")";
  private static final String TRY_LOCK = "SELECT pg_try_advisory_lock" + LOCK;

  /** Waits as long as the connection's lock_timeout allows. */
  private static final String AWAIT_LOCK = "SELECT pg_advisory_lock" + LOCK;

  private static final String HOLDER =
      "SELECT a.pid, a.application_name, host(a.client_addr), a.backend_start"
          + " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
          + " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.database ="
          + " (SELECT oid FROM pg_database WHERE datname = current_database())"
          + " AND l.classid::bigint = "
          + LOCK_CLASS
          + " AND l.objid::bigint = ("
          + LOCK_OBJECT
          + "::bigint & 4294967295)";

  private static final String OWNER = "SELECT owner FROM writer WHERE id = 1";

  /** One statement, so that the mark costs no round trip of its own. */
  private static final String BEGIN =
      "WITH ours AS (SELECT id FROM writer WHERE id = 1 AND owner = ? FOR UPDATE),"
          + " last AS (DELETE FROM writer_mark WHERE mark = ?)"
          + " INSERT INTO writer_mark (mark) SELECT ? FROM ours";

  /**
   * Characters of a name. The server shortens longer names, and replaces characters that are not
   * ASCII.
   */
  private static final int LONGEST_NAME = 63;

  private final String name;
  private final long owner;
  private long nextMark;

  /** The mark whose row is in the table. */
  private @Nullable Long lastMark;

  public PostgresOwnership() {
    this(LockFile.thisProcess());
  }

  /**
   * Creates the ownership of one service.
   *
   * @param name of this service, for people
   */
  public PostgresOwnership(String name) {
    String plain = name.replaceAll("[^ -~]", "?");
    this.name = plain.substring(0, Math.min(LONGEST_NAME, plain.length()));
    var random = ThreadLocalRandom.current();
    this.owner = random.nextLong(1, Long.MAX_VALUE);
    this.nextMark = random.nextLong(Long.MAX_VALUE >> 1);
  }

  /**
   * The session that holds the lock.
   *
   * @param name empty when this user may not see it
   * @param address null for a local socket
   */
  private record Holder(long pid, String name, @Nullable String address, @Nullable Instant since) {
    static Holder read(ResultSet row) throws SQLException {
      String name = row.getString(2);
      var since = row.getObject(4, OffsetDateTime.class);
      return new Holder(
          row.getLong(1),
          name == null ? "" : name,
          row.getString(3),
          since == null ? null : since.toInstant().truncatedTo(ChronoUnit.SECONDS));
    }

    @Override
    public String toString() {
      return (name.isEmpty() ? "whose name this user may not see" : name)
          + (address == null ? "" : ", at " + address)
          + (since == null ? "" : ", connected since " + since);
    }
  }

  /** Returns the service that holds the lock, in words; null when there is none. */
  public static @Nullable String holder(Connection connection) throws SQLException {
    Holder holder = holderOf(connection);
    return holder == null ? null : holder.toString();
  }

  private static @Nullable Holder holderOf(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(HOLDER)) {
      return rows.next() ? Holder.read(rows) : null;
    }
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public @Nullable String tryTake(Connection connection) throws SQLException {
    Holder holder = tryLock(connection);
    return holder == null ? null : holder.toString();
  }

  private @Nullable Holder tryLock(Connection connection) throws SQLException {
    try (var naming =
        connection.prepareStatement("SELECT set_config('application_name', ?, false)")) {
      naming.setString(1, name);
      naming.execute();
    }
    while (!isTrue(connection, TRY_LOCK)) {
      Holder holder = holderOf(connection);
      if (holder != null) {
        return holder;
      }
      // The holder has released the lock in between.
    }
    return null;
  }

  private static boolean isTrue(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() && rows.getBoolean(1);
    }
  }

  @Override
  public void claim(Connection connection) throws SQLException {
    try (var statement = connection.prepareStatement("UPDATE writer SET owner = ? WHERE id = 1")) {
      statement.setLong(1, owner);
      if (statement.executeUpdate() != 1) {
        throw new SQLException("the table 'writer' has lost its row");
      }
    }
    try (var statement = connection.createStatement()) {
      statement.execute("DELETE FROM writer_mark");
    }
  }

  /**
   * Takes the right again. Our last connection may still hold the lock, because the server has not
   * noticed its end. In this case, its session is ended.
   */
  @Override
  public void confirm(Connection connection) throws SQLException {
    Holder holder = tryLock(connection);
    if (!isOurs(connection)) {
      throw new OwnershipLostException(holder == null ? null : holder.toString());
    }
    if (holder == null) {
      return;
    }
    if (!holder.name().equals(name)) {
      throw new SQLException("another service is about to take over, " + holder, "55P03");
    }
    try (var statement = connection.createStatement()) {
      statement.execute("SELECT pg_terminate_backend(" + holder.pid() + ")");
      statement.execute(AWAIT_LOCK);
    }
    if (!isOurs(connection)) {
      throw new OwnershipLostException(null);
    }
  }

  private boolean isOurs(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(OWNER)) {
      return rows.next() && rows.getLong(1) == owner;
    }
  }

  @Override
  public void check(Transaction transaction) throws SQLException {
    requireOurs(transaction, transaction.query(OWNER, row -> row.getLong(1)));
  }

  private void requireOurs(Transaction transaction, List<Long> owners) throws SQLException {
    if (!owners.equals(List.of(owner))) {
      throw lost(transaction);
    }
  }

  private static OwnershipLostException lost(Transaction transaction) throws SQLException {
    List<Holder> holders = transaction.query(HOLDER, Holder::read);
    return new OwnershipLostException(holders.isEmpty() ? null : holders.getFirst().toString());
  }

  @Override
  public @Nullable Long begin(Transaction transaction) throws SQLException {
    long mark = nextMark++;
    if (transaction.update(BEGIN, owner, lastMark, mark) != 1) {
      throw lost(transaction);
    }
    return mark;
  }

  @Override
  public void committed(long mark) {
    lastMark = mark;
  }

  @Override
  public boolean hasCommitted(Transaction transaction, long mark) throws SQLException {
    // The transaction in doubt holds this row until it has ended. Its mark is read only after that.
    requireOurs(transaction, transaction.query(OWNER + " FOR UPDATE", row -> row.getLong(1)));
    List<Long> found =
        transaction.query(
            "SELECT mark FROM writer_mark WHERE mark = ?", row -> row.getLong(1), mark);
    if (!found.isEmpty()) {
      lastMark = mark;
    }
    return !found.isEmpty();
  }
}
