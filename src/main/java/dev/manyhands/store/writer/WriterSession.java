package dev.manyhands.store.writer;

import dev.manyhands.store.DatabaseInUseException;
import dev.manyhands.store.OwnershipLostException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writer's connection. It is opened when it is needed, and discarded when it fails. Owned by
 * the writer's thread.
 */
public final class WriterSession {
  private static final Logger log = LoggerFactory.getLogger(WriterSession.class);

  private final DataSource source;
  private final Dialect dialect;
  private final Reserve reserve;
  private final Ownership ownership;
  private @Nullable Connection connection;
  private @Nullable Long mark;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  /** Whether the tables name this service as the one that writes. */
  private boolean isClaimed;

  public WriterSession(DataSource source, Dialect dialect) {
    this(source, dialect, Reserve.NONE, dialect.ownership());
  }

  public WriterSession(DataSource source, Dialect dialect, Reserve reserve, Ownership ownership) {
    this.source = source;
    this.dialect = dialect;
    this.reserve = reserve;
    this.ownership = ownership;
  }

  /**
   * Takes the right to write, if no service has it, for as long as the connection lives.
   *
   * @return null when the right was taken; otherwise the holder, in words
   */
  public @Nullable String tryTake() throws SQLException {
    if (!ownership.isShared()) {
      return null;
    }
    Connection open = open();
    try {
      open.setAutoCommit(true);
      return ownership.tryTake(open);
    } catch (SQLException failure) {
      discard();
      throw failure;
    }
  }

  /**
   * Shuts out earlier services. The tables must exist.
   *
   * @throws DatabaseInUseException when the connection was lost meanwhile, and the right with it
   */
  public void claim() throws SQLException {
    String holder = tryTake();
    if (holder != null) {
      throw new DatabaseInUseException(holder, 0);
    }
    if (ownership.isShared()) {
      Connection open = open();
      ownership.claim(open);
      open.setAutoCommit(false);
    }
    isClaimed = true;
  }

  boolean isOpen() {
    return connection != null;
  }

  /**
   * Begins a group of writes.
   *
   * @throws OwnershipLostException when another service has taken the database over
   */
  Transaction begin() throws SQLException {
    var transaction = new Transaction(open(), statements);
    mark = ownership.begin(transaction);
    return transaction;
  }

  /**
   * Returns the mark of the last group that was begun; null where a failed commit leaves no doubt.
   */
  @Nullable Long mark() {
    return mark;
  }

  void commit() throws SQLException {
    open().commit();
    if (mark != null) {
      ownership.committed(mark);
    }
  }

  boolean hasCommitted(long earlierMark) throws SQLException {
    Connection open = open();
    boolean committed = ownership.hasCommitted(new Transaction(open, statements), earlierMark);
    open.rollback(); // ends the transaction that the question has begun
    return committed;
  }

  /**
   * Checks, while nothing is written, whether the database is still ours. Opens the connection if
   * it is closed, so that the database stays ours.
   */
  void check() throws SQLException {
    if (!ownership.isShared()) {
      return;
    }
    Connection open = open();
    ownership.check(new Transaction(open, statements));
    open.rollback();
  }

  void rollback() {
    if (connection == null) {
      return;
    }
    try {
      connection.rollback();
    } catch (SQLException broken) {
      discard();
    }
  }

  /** Discards the connection; the next transaction opens another one. */
  public void discard() {
    statements.clear(); // they die with their connection
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException alreadyBroken) {
        log.debug("closing a broken connection failed", alreadyBroken);
      }
      connection = null;
    }
  }

  /** Gives the reserve to a database that has no room left; false when there is no reserve. */
  boolean giveUpReserve() {
    if (!reserve.giveUp()) {
      return false;
    }
    discard(); // the next connection must not take the room for itself
    try (var alone = source.getConnection()) {
      dialect.tidy(alone);
    } catch (SQLException untidy) {
      log.debug("what was written last could not be put in its place", untidy);
    }
    return true;
  }

  /**
   * Gives the reserve to a database that has room inside, but whose log can neither grow nor be
   * written into the database file; returns whether it did. Otherwise the room of deleted rows
   * could not be used.
   */
  boolean giveUpReserveForRoomInside() {
    if (!reserve.isThere()) {
      return false;
    }
    boolean hasRoom = false;
    try (var other = source.getConnection()) {
      hasRoom = dialect.hasRoomInside(other);
    } catch (SQLException unknown) {
      log.debug("the room inside the database is not known", unknown);
    }
    return hasRoom && giveUpReserve();
  }

  /** Restores the reserve if there is enough room by now; returns whether it was restored. */
  boolean mendReserve() {
    if (!reserve.mend()) {
      return false;
    }
    discard(); // the next connection may take all there is
    return true;
  }

  private Connection open() throws SQLException {
    if (connection == null) {
      try {
        Connection opened = source.getConnection();
        connection = opened; // from here on it is discarded if anything fails
        opened.setAutoCommit(true);
        dialect.insistOnDurability(opened);
        dialect.boundWaits(opened);
        if (reserve.isGivenUp()) {
          dialect.stopGrowing(opened);
        }
        if (isClaimed) {
          ownership.confirm(opened);
        }
        opened.setAutoCommit(false);
      } catch (OwnershipLostException lost) {
        discard();
        throw lost;
      } catch (SQLException failure) {
        discard();
        // The reason does not matter: the writer cannot use the database, so the database is away.
        throw new SQLNonTransientConnectionException(failure.getMessage(), "08001", failure);
      }
    }
    return connection;
  }
}
