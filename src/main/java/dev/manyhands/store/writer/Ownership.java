package dev.manyhands.store.writer;

import dev.manyhands.store.OwnershipLostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The right to write to a database, which one service has at a time. It also makes the marks by
 * which a service recognizes its own commits.
 *
 * <p>Owned by the thread that starts the service, then by the writer's thread.
 */
public interface Ownership {

  /**
   * The right to a database that no other service can reach. A lock file guards the database, so
   * that no check is needed. A failed commit has not happened, since there is no network that could
   * lose the answer.
   */
  Ownership ALONE =
      new Ownership() {
        @Override
        public boolean isShared() {
          return false;
        }

        @Override
        public @Nullable String tryTake(Connection connection) {
          return null;
        }

        @Override
        public void claim(Connection connection) {}

        @Override
        public void confirm(Connection connection) {}

        @Override
        public void check(Transaction transaction) {}

        @Override
        public @Nullable Long begin(Transaction transaction) {
          return null;
        }

        @Override
        public void committed(long mark) {}

        @Override
        public boolean hasCommitted(Transaction transaction, long mark) {
          return false;
        }
      };

  /** How long a start waits for another service by default. */
  Duration DEFAULT_PATIENCE = Duration.ofSeconds(60);

  /**
   * Returns whether other services can reach the database. If not, no connection is opened for
   * checks.
   */
  boolean isShared();

  /**
   * Takes the right for as long as the connection lives, if no service has it.
   *
   * @param connection that commits each statement by itself, also in the methods below
   * @return null when the right was taken; otherwise the holder, in words
   */
  @Nullable String tryTake(Connection connection) throws SQLException;

  /** Shuts out earlier services. To be called once, when the tables exist. */
  void claim(Connection connection) throws SQLException;

  /**
   * Takes the right again on another connection.
   *
   * @throws OwnershipLostException when another service has claimed it meanwhile
   */
  void confirm(Connection connection) throws SQLException;

  /**
   * Checks whether another service has claimed the right.
   *
   * @throws OwnershipLostException when another service has claimed it
   */
  void check(Transaction transaction) throws SQLException;

  /**
   * Begins a group of writes. No other service can claim the right until this transaction has
   * ended.
   *
   * @return the mark by which {@link #hasCommitted} knows the group; null where a failed commit
   *     leaves no doubt
   * @throws OwnershipLostException when another service has the right
   */
  @Nullable Long begin(Transaction transaction) throws SQLException;

  /** Notes that the group of this mark is committed. */
  void committed(long mark);

  /**
   * Returns whether the group of this mark was committed. Waits until its transaction has ended.
   *
   * @throws OwnershipLostException when another service has the right
   * @throws SQLException also when the fate of the group is not known yet
   */
  boolean hasCommitted(Transaction transaction, long mark) throws SQLException;
}
