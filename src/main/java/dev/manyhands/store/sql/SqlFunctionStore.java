package dev.manyhands.store.sql;

import dev.manyhands.model.Function;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.FunctionStore;
import dev.manyhands.store.sql.Definitions.FunctionName;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Registered functions in SQLite or PostgreSQL. Each version has a row, and another row names the
 * current version of a name.
 */
final class SqlFunctionStore implements FunctionStore {

  private static final String VERSION =
      "SELECT v.name, v.digest, v.registered_at, v.definition_digest FROM function_version v";
  private static final String CURRENT =
      VERSION + " JOIN function_current c ON c.name = v.name AND c.digest = v.digest";

  /** Lists read no definitions, which may be megabytes each. */
  private static final String LISTED =
      "SELECT v.name, v.digest, v.registered_at, v.outline FROM function_version v";

  private final Database database;
  private final Definitions definitions;

  SqlFunctionStore(Database database, Definitions definitions) {
    this.database = database;
    this.definitions = definitions;
  }

  @Override
  public CompletableFuture<Registered> register(Function given, Instant at) {
    Function function = definitions.shared(given);
    String digest = definitions.digestOf(function);
    CompletableFuture<@Nullable Registered> written =
        database
            .writer()
            .write(
                OnOutage.FAIL,
                function.definition().textBytes(),
                transaction -> {
                  if (!SqlBundleStore.hold(transaction, function.definition(), function.name())) {
                    return null;
                  }
                  Definitions.insert(transaction, digest, function.definition());
                  transaction.update(
                      "INSERT INTO function_version (name, digest, registered_at, definition_digest,"
                          + " outline) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, digest) DO NOTHING",
                      function.name(),
                      function.digest(),
                      JobRows.micros(at),
                      digest,
                      JobJson.ofDefinition(function.definition().outline()));
                  transaction.update(
                      "INSERT INTO function_current (name, digest) VALUES (?, ?)"
                          + " ON CONFLICT (name) DO UPDATE SET digest = excluded.digest",
                      function.name(),
                      function.digest());
                  Instant registeredAt =
                      transaction
                          .query(
                              CURRENT + " WHERE v.name = ?",
                              SqlFunctionStore::registeredAt,
                              function.name())
                          .getFirst();
                  return new Registered(function, registeredAt);
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
  public List<Listed> versions(String name) {
    return listed(
        LISTED
            + " LEFT JOIN function_current c ON c.name = v.name AND c.digest = v.digest WHERE"
            + " v.name = ? ORDER BY CASE WHEN c.digest IS NULL THEN 1 ELSE 0 END, v.registered_at"
            + " DESC, v.digest",
        name);
  }

  @Override
  public List<Listed> list() {
    return listed(
        LISTED
            + " JOIN function_current c ON c.name = v.name AND c.digest = v.digest"
            + " ORDER BY v.name");
  }

  @Override
  public CompletableFuture<Boolean> delete(String name) {
    return database
        .writer()
        .write(
            OnOutage.FAIL,
            0,
            transaction -> {
              List<String> unused =
                  transaction.query(
                      "SELECT definition_digest FROM function_version WHERE name = ?",
                      row -> row.getString(1),
                      name);
              transaction.update("DELETE FROM function_version WHERE name = ?", name);
              Definitions.sweep(transaction, unused);
              SqlBundleStore.release(transaction, name);
              return transaction.update("DELETE FROM function_current WHERE name = ?", name) == 1;
            });
  }

  /** Holds no connection while it reads the definitions that rows name. */
  private List<Registered> select(String sql, Object... parameters) {
    record Version(FunctionName function, Instant registeredAt) {}
    List<Version> versions =
        database.read(jdbc ->
            jdbc.query(
                sql,
                (row, number) ->
                    new Version(
                        new FunctionName(
                            row.getString("name"),
                            row.getString("digest"),
                            row.getString("definition_digest")),
                        registeredAt(row)),
                parameters));
    return versions.stream()
        .flatMap(version ->
            definitions.function(version.function(), database::readDefinition).stream()
                .map(function -> new Registered(function, version.registeredAt())))
        .toList();
  }

  private List<Listed> listed(String sql, Object... parameters) {
    return database.read(jdbc ->
        jdbc.query(
            sql,
            (row, number) ->
                new Listed(
                    row.getString("name"),
                    row.getString("digest"),
                    JobJson.toDefinition(row.getString("outline")),
                    registeredAt(row)),
            parameters));
  }

  private static Instant registeredAt(ResultSet row) throws SQLException {
    return JobRows.instant(row.getLong("registered_at"));
  }
}
