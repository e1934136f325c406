package dev.manyhands.store;

import dev.manyhands.job.Function;
import dev.manyhands.job.Refusal;
import dev.manyhands.store.Write.WhenAway;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Registered functions in SQLite or PostgreSQL: a row a version, and one that says which is a
 * name's current one.
 */
final class SqlFunctionStore implements FunctionStore {

  private static final String VERSION =
      "SELECT v.name, v.digest, v.registered_at, v.definition FROM function_version v";
  private static final String CURRENT =
      VERSION + " JOIN function_current c ON c.name = v.name AND c.digest = v.digest";

  private final Database database;

  SqlFunctionStore(Database database) {
    this.database = database;
  }

  @Override
  public CompletableFuture<Registered> register(Function function, Instant at) {
    String definition = JobJson.ofDefinition(function.definition());
    CompletableFuture<@Nullable Registered> written =
        database
            .writer()
            .write(
                WhenAway.FAIL,
                definition.length(),
                transaction -> {
                  if (!SqlBundleStore.hold(transaction, function.definition(), function.name())) {
                    return null;
                  }
                  transaction.update(
                      "INSERT INTO function_version (name, digest, registered_at, definition) VALUES"
                          + " (?, ?, ?, ?) ON CONFLICT (name, digest) DO NOTHING",
                      function.name(),
                      function.digest(),
                      JobRows.micros(at),
                      definition);
                  transaction.update(
                      "INSERT INTO function_current (name, digest) VALUES (?, ?)"
                          + " ON CONFLICT (name) DO UPDATE SET digest = excluded.digest",
                      function.name(),
                      function.digest());
                  return transaction
                      .query(
                          CURRENT + " WHERE v.name = ?",
                          SqlFunctionStore::registered,
                          function.name())
                      .getFirst();
                });
    return written.thenApply(registered -> {
      if (registered == null) {
        throw Refusal.conflict("the bundle of '" + function.name() + "' is gone; upload it again");
      }
      return registered;
    });
  }

  @Override
  public Optional<Registered> find(String name) {
    return select(CURRENT + " WHERE v.name = ?", name).stream().findFirst();
  }

  @Override
  public Optional<Registered> find(String name, String digest) {
    return select(VERSION + " WHERE v.name = ? AND v.digest = ?", name, digest).stream()
        .findFirst();
  }

  @Override
  public List<Registered> versions(String name) {
    return select(
        VERSION
            + " LEFT JOIN function_current c ON c.name = v.name AND c.digest = v.digest WHERE"
            + " v.name = ? ORDER BY CASE WHEN c.digest IS NULL THEN 1 ELSE 0 END, v.registered_at"
            + " DESC, v.digest",
        name);
  }

  @Override
  public List<Registered> list() {
    return select(CURRENT + " ORDER BY v.name");
  }

  @Override
  public CompletableFuture<Boolean> delete(String name) {
    return database
        .writer()
        .write(
            WhenAway.FAIL,
            0,
            transaction -> {
              transaction.update("DELETE FROM function_version WHERE name = ?", name);
              SqlBundleStore.release(transaction, name);
              return transaction.update("DELETE FROM function_current WHERE name = ?", name) == 1;
            });
  }

  private List<Registered> select(String sql, Object... parameters) {
    return database.read(jdbc -> jdbc.query(sql, (row, number) -> registered(row), parameters));
  }

  private static Registered registered(ResultSet row) throws SQLException {
    var function =
        new Function(
            row.getString("name"),
            row.getString("digest"),
            JobJson.toDefinition(row.getString("definition")));
    return new Registered(function, JobRows.instant(row.getLong("registered_at")));
  }
}
