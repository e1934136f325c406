package dev.manyhands.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The right to write to a database, which one service has at a time, and the marks by which it
 * knows its own commits again.
 *
 * <p>Owned by the thread that starts the service, then by the writer's thread.
 */
interface Ownership {

  /**
   * Belongs to a database that no other service can reach. A lock file guards the database, and
   * nothing is asked. A commit that fails there has not happened, since there is no network to lose
   * the answer on.
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

  /** Whether other services can reach the database; if not, no connection is opened to ask. */
  boolean isShared();

  /**
   * Takes the right for as long as the connection lives, if nobody has it.
   *
   * @param connection that commits each statement by itself, here and below
   * @return null when it was taken; otherwise the holder, in words
   */
  @Nullable String tryTake(Connection connection) throws SQLException;

  /** Shuts out the services of before. To be called once, when the tables are there. */
  void claim(Connection connection) throws SQLException;

  /**
   * Takes the right again on another connection.
   *
   * @throws OwnershipLostException when another service has claimed it meanwhile
   */
  void confirm(Connection connection) throws SQLException;

  /**
   * Looks whether another service has claimed it.
   *
   * @throws OwnershipLostException when it has
   */
  void check(Transaction transaction) throws SQLException;

  /**
   * Begins a group of writes: nobody else can claim the right until its transaction has ended.
   *
   * @return the mark by which {@link #hasCommitted} knows the group; null where a failed commit
   *     leaves no doubt
   * @throws OwnershipLostException when another service has the right
   */
  @Nullable Long begin(Transaction transaction) throws SQLException;

  /** The group of this mark is committed. */
  void committed(long mark);

  /**
   * Whether the group of this mark was committed. Waits until its transaction has ended.
   *
   * @throws OwnershipLostException when another service has the right
   * @throws SQLException also when that is not known yet
   */
  boolean hasCommitted(Transaction transaction, long mark) throws SQLException;
}
