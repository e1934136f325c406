package dev.manyhands.store;

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
 * The writer's connection: opened when it is needed, given up when it fails. Owned by the writer's
 * thread.
 */
final class WriterSession {
  private static final Logger log = LoggerFactory.getLogger(WriterSession.class);

  private final DataSource source;
  private final Dialect dialect;
  private final Reserve reserve;
  private @Nullable Connection connection;
  private @Nullable String mark;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  WriterSession(DataSource source, Dialect dialect) {
    this(source, dialect, Reserve.NONE);
  }

  WriterSession(DataSource source, Dialect dialect, Reserve reserve) {
    this.source = source;
    this.dialect = dialect;
    this.reserve = reserve;
  }

  boolean isOpen() {
    return connection != null;
  }

  Transaction begin() throws SQLException {
    Connection open = open();
    mark = dialect.mark(open);
    return new Transaction(open, statements);
  }

  /**
   * The name of the transaction that was begun last; null where a failed commit leaves no doubt.
   */
  @Nullable String mark() {
    return mark;
  }

  void commit() throws SQLException {
    open().commit();
  }

  boolean hasCommitted(String earlierMark) throws SQLException {
    Connection open = open();
    boolean committed = dialect.hasCommitted(open, earlierMark);
    open.rollback(); // ends the transaction that the question has begun
    return committed;
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

  /** Gives the connection up; the next transaction opens another. */
  void discard() {
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

  /**
   * Gives the room that was kept back to a database that has none left; false when nothing is kept.
   */
  boolean giveUpReserve() {
    if (!reserve.giveUp()) {
      return false;
    }
    discard(); // the next connection is told not to take the room for itself
    try (var alone = source.getConnection()) {
      dialect.tidy(alone);
    } catch (SQLException untidy) {
      log.debug("what was written last could not be put in its place", untidy);
    }
    return true;
  }

  /** Keeps room back again, if there is enough by now; whether that has just happened. */
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
        if (reserve.isGivenUp()) {
          dialect.stopGrowing(opened);
        }
        opened.setAutoCommit(false);
      } catch (SQLException failure) {
        discard();
        // Whatever the reason, from the writer's point of view the database is away.
        throw new SQLNonTransientConnectionException(failure.getMessage(), "08001", failure);
      }
    }
    return connection;
  }
}
