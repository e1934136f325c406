package dev.manyhands.store.sql;

import dev.manyhands.store.writer.Dialect;
import dev.manyhands.store.writer.PostgresOwnership;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Tests whether a database can be reached, before anything is created in it. */
public final class StoreProbe {
  private StoreProbe() {}

  /**
   * Returns in words why there is no connection; null if there is one. Always null for SQLite,
   * whose file is created when it is missing. Takes seconds at most.
   */
  public static @Nullable String fault(StoreSettings settings) {
    try {
      if (Dialect.of(settings.jdbcUrl()) == Dialect.SQLITE) {
        return null; // created when it is missing
      }
      try (Connection connection = DataSources.of(settings).reader().getConnection()) {
        return connection.isValid(5) ? null : "the database does not answer";
      }
    } catch (SQLException | RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * Returns the service that writes to a database, in words; null if none does, or none can be
   * seen.
   */
  public static @Nullable String holder(StoreSettings settings) {
    if (Dialect.of(settings.jdbcUrl()) == Dialect.SQLITE) {
      return SqliteFile.holder(settings.jdbcUrl());
    }
    try (Connection connection = DataSources.of(settings).reader().getConnection()) {
      return PostgresOwnership.holder(connection);
    } catch (SQLException unreachable) {
      return null; // reported as a fault
    }
  }
}
