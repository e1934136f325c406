package dev.manyhands.outside;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The database of a service: SQLite in the directory of the service, or a PostgreSQL. */
final class OwnStore implements AutoCloseable {
  enum Kind {
    SQLITE,
    POSTGRESQL
  }

  /** The database on the server of all tests; null for SQLite. */
  private final @Nullable String database;

  private OwnStore(@Nullable String database) {
    this.database = database;
  }

  static OwnStore of(Kind kind) {
    return new OwnStore(kind == Kind.SQLITE ? null : SharedPostgres.newDatabase());
  }

  /**
   * @param settings of the service, beside those of its store
   */
  Service startService(String... settings) {
    return Service.start(Service.newDirectory(), settings(settings));
  }

  /** Returns the settings of a service on this store, beside these. */
  String[] settings(String... settings) {
    return database == null ? settings : SharedPostgres.settings(database, settings);
  }

  /** Returns the settings of a service on the database that a PostgreSQL has from the start. */
  static String[] settings(EmbeddedPostgres postgres, String... more) {
    return settings(postgres.getPort(), "postgres", more);
  }

  /** Returns the settings of a service on a database of a PostgreSQL on this machine. */
  static String[] settings(int port, String database, String... more) {
    var store =
        List.of(
            "--manyhands.store.url=jdbc:postgresql://localhost:" + port + "/" + database,
            "--manyhands.store.username=postgres",
            "--manyhands.store.password=postgres");
    return Stream.concat(store.stream(), Stream.of(more)).toArray(String[]::new);
  }

  @Override
  public void close() {
    if (database != null) {
      SharedPostgres.drop(database);
    }
  }
}
