package dev.manyhands.store.sql;

import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.JobSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.flywaydb.core.api.migration.Context;

/**
 * Moves the definitions of functions into a table of their own. Before version 11 of the tables,
 * the rows of jobs and functions contain them. Also fills the other new columns of the rows.
 *
 * <p>Holds one row at a time, since rows may be megabytes.
 */
final class MovedDefinitions extends CodedMigration {

  MovedDefinitions() {
    super("11", "moved definitions");
  }

  @Override
  public void migrate(Context context) throws SQLException {
    Connection connection = context.getConnection();
    try (var definitions = new Rows(connection)) {
      definitions.moveFromJobs();
      definitions.moveFromFunctions();
    }
    try (var statement = connection.createStatement()) {
      statement.execute("UPDATE job SET result = old_result WHERE old_result IS NOT NULL");
      statement.execute("ALTER TABLE job DROP COLUMN old_result");
      statement.execute("ALTER TABLE job DROP COLUMN spec");
      statement.execute("ALTER TABLE function_version DROP COLUMN definition");
      statement.execute("CREATE INDEX job_by_definition ON job (definition_digest)");
      statement.execute(
          "CREATE INDEX function_version_by_definition ON function_version (definition_digest)");
    }
  }

  /** The statements of one migration. */
  private static final class Rows implements AutoCloseable {
    private final PreparedStatement nextJob;
    private final PreparedStatement changeJob;
    private final PreparedStatement nextFunction;
    private final PreparedStatement changeFunction;
    private final PreparedStatement insert;

    /** The digests of the definitions that were inserted. */
    private final Set<String> moved = new HashSet<>();

    Rows(Connection connection) throws SQLException {
      nextJob =
          connection.prepareStatement("SELECT id, spec FROM job WHERE id > ? ORDER BY id LIMIT 1");
      changeJob =
          connection.prepareStatement(
              "UPDATE job SET definition_digest = ?, inputs_owner = ?, outline = ?, details = ?,"
                  + " spec = '' WHERE id = ?");
      nextFunction =
          connection.prepareStatement(
              "SELECT name, digest, definition FROM function_version"
                  + " WHERE definition_digest = '' LIMIT 1");
      changeFunction =
          connection.prepareStatement(
              "UPDATE function_version SET definition_digest = ?, definition = ''"
                  + " WHERE name = ? AND digest = ?");
      insert = connection.prepareStatement(Definitions.INSERT);
    }

    void moveFromJobs() throws SQLException {
      String last = "";
      while (true) {
        nextJob.setString(1, last);
        JobSpec spec;
        try (var row = nextJob.executeQuery()) {
          if (!row.next()) {
            return;
          }
          last = row.getString(1);
          spec = JobJson.toWholeSpec(row.getString(2));
        }
        InputsOwner owner = spec.inputs().owner();
        changeJob.setString(1, move(spec.function().definition()));
        changeJob.setString(2, owner == null ? null : owner.name());
        changeJob.setString(3, JobJson.ofOutline(spec.outline()));
        changeJob.setString(4, JobJson.ofDetails(spec));
        changeJob.setString(5, last);
        changeJob.executeUpdate();
      }
    }

    void moveFromFunctions() throws SQLException {
      while (true) {
        String name;
        String digest;
        FunctionDefinition definition;
        try (var row = nextFunction.executeQuery()) {
          if (!row.next()) {
            return;
          }
          name = row.getString(1);
          digest = row.getString(2);
          definition = JobJson.toDefinition(row.getString(3));
        }
        changeFunction.setString(1, move(definition));
        changeFunction.setString(2, name);
        changeFunction.setString(3, digest);
        changeFunction.executeUpdate();
      }
    }

    /** Returns the digest that the definition is stored under. */
    private String move(FunctionDefinition definition) throws SQLException {
      String json = JobJson.ofDefinition(definition);
      String digest = Definitions.digestOf(json);
      if (moved.add(digest)) {
        insert.setString(1, digest);
        insert.setString(2, json);
        insert.executeUpdate();
      }
      return digest;
    }

    @Override
    public void close() throws SQLException {
      nextJob.close();
      changeJob.close();
      nextFunction.close();
      changeFunction.close();
      insert.close();
    }
  }
}
