package dev.manyhands.store.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.flywaydb.core.api.migration.Context;

/**
 * Fills the outlines of functions that were registered before version 27 of the tables. Holds one
 * definition at a time, since definitions may be megabytes.
 */
final class FunctionOutlines extends CodedMigration {

  FunctionOutlines() {
    super("28", "function outlines of before");
  }

  @Override
  public void migrate(Context context) throws SQLException {
    Connection connection = context.getConnection();
    try (var next =
            connection.prepareStatement(
                "SELECT v.definition_digest, d.definition FROM function_version v"
                    + " JOIN function_definition d ON d.digest = v.definition_digest"
                    + " WHERE v.outline = '' LIMIT 1");
        var change =
            connection.prepareStatement(
                "UPDATE function_version SET outline = ? WHERE definition_digest = ?")) {
      while (fillOne(next, change)) {
        // One definition is filled with each round.
      }
    }
  }

  /** Fills all versions with one definition; false when no version lacks its outline. */
  private static boolean fillOne(PreparedStatement next, PreparedStatement change)
      throws SQLException {
    String digest;
    String outline;
    try (var row = next.executeQuery()) {
      if (!row.next()) {
        return false;
      }
      digest = row.getString(1);
      outline = JobJson.ofDefinition(JobJson.toDefinition(row.getString(2)).outline());
    }
    change.setString(1, outline);
    change.setString(2, digest);
    change.executeUpdate();
    return true;
  }
}
