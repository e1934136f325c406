package dev.manyhands.store.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.writer.Admission;
import dev.manyhands.store.writer.Dialect;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Ownership;
import dev.manyhands.store.writer.Pause;
import dev.manyhands.store.writer.Reserve;
import dev.manyhands.store.writer.WriterSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/** A migrated database: one writer, some readers. */
final class Database implements AutoCloseable {
  /** How long a read waits for an unreachable database, or for other reads, before it fails. */
  private static final long READER_TIMEOUT_MILLIS = 3_000;

  private static final long VALIDATION_MILLIS = 2_000;
  private static final int PING_SECONDS = 3;

  private final Dialect dialect;
  private final HikariDataSource readers;
  private final JdbcTemplate reading;
  private final GroupCommit writer;

  /**
   * The lock on the file, held while the database is open; null where other means keep services
   * apart.
   */
  private final @Nullable SqliteFile lock;

  private Database(
      Dialect dialect, HikariDataSource readers, GroupCommit writer, @Nullable SqliteFile lock) {
    this.lock = lock;
    this.dialect = dialect;
    this.readers = readers;
    this.reading = new JdbcTemplate(readers);
    this.writer = writer;
  }

  static Database open(StoreSettings settings, CommitListener listener) {
    if (settings.url() == null) {
      try {
        Files.createDirectories(settings.dataDir());
      } catch (IOException failure) {
        throw new UncheckedIOException("cannot make the data directory", failure);
      }
    }
    var dialect = Dialect.of(settings.jdbcUrl());
    SqliteFile lock = SqliteFile.claim(settings.jdbcUrl());
    boolean isOpen = false;
    try {
      var database = open(settings, dialect, lock, listener);
      isOpen = true;
      return database;
    } finally {
      if (!isOpen) {
        release(lock);
      }
    }
  }

  private static Database open(
      StoreSettings settings, Dialect dialect, @Nullable SqliteFile lock, CommitListener listener) {
    var sources = DataSources.of(settings);
    Reserve reserve =
        settings.url() == null
            ? Reserve.in(settings.dataDir().resolve(StoreSettings.RESERVE_NAME))
            : Reserve.NONE;
    var session = new WriterSession(sources.writer(), dialect, reserve, dialect.ownership());
    return open(
        session,
        dialect,
        sources,
        settings.readers(),
        settings.patience(),
        Pause.SLEEP,
        listener,
        lock);
  }

  static Database open(
      Dialect dialect, DataSources sources, int readers, Pause pause, CommitListener listener) {
    var session = new WriterSession(sources.writer(), dialect);
    return open(
        session, dialect, sources, readers, Ownership.DEFAULT_PATIENCE, pause, listener, null);
  }

  private static Database open(
      WriterSession session,
      Dialect dialect,
      DataSources sources,
      int readers,
      Duration patience,
      Pause pause,
      CommitListener listener,
      @Nullable SqliteFile lock) {
    boolean isOpen = false;
    try {
      // The right to write comes before the tables are changed, because another service may be
      // using them.
      new Admission(session, Pause.SLEEP).await(patience);
      migrate(dialect, sources);
      claim(session);
      var pool = new HikariConfig();
      pool.setPoolName("store-readers");
      pool.setDataSource(sources.reader());
      pool.setMaximumPoolSize(readers);
      pool.setMinimumIdle(1);
      pool.setReadOnly(true);
      pool.setConnectionTimeout(READER_TIMEOUT_MILLIS);
      pool.setValidationTimeout(VALIDATION_MILLIS);
      var database =
          new Database(
              dialect,
              new HikariDataSource(pool),
              new GroupCommit(session, dialect, pause, listener),
              lock);
      isOpen = true;
      return database;
    } finally {
      if (!isOpen) {
        session.discard();
      }
    }
  }

  private static void claim(WriterSession session) {
    try {
      session.claim();
    } catch (SQLException failure) {
      throw StoreException.notPrepared(failure);
    }
  }

  /** Brings the tables to the newest version. */
  static void migrate(Dialect dialect, DataSources sources) {
    try {
      migrations(dialect, sources)
          // A migration of a later version is an error too, although Flyway would ignore it. This
          // service may not be able to write to such tables.
          .ignoreMigrationPatterns(new String[0])
          .load()
          .migrate();
    } catch (FlywayException failure) {
      throw StoreException.notPrepared(failure);
    }
  }

  /** Returns all migrations of the tables. */
  static FluentConfiguration migrations(Dialect dialect, DataSources sources) {
    return Flyway.configure()
        .dataSource(sources.writer())
        .locations("classpath:db/migration")
        .javaMigrations(new MovedDefinitions(), new FunctionOutlines())
        .placeholders(dialect.placeholders());
  }

  Dialect dialect() {
    return dialect;
  }

  GroupCommit writer() {
    return writer;
  }

  <T> T read(Function<JdbcTemplate, T> query) {
    try {
      return query.apply(reading);
    } catch (DataAccessException failure) {
      throw new StoreException("the read failed: " + failure.getMessage(), failure);
    }
  }

  /** Returns the JSON of a definition, if it is stored. */
  List<String> readDefinition(String digest) {
    return read(jdbc -> jdbc.queryForList(Definitions.SELECT, String.class, digest));
  }

  /**
   * Completes normally when the database answers reads within a few seconds and does not fail
   * writes.
   */
  void ping() {
    try (var connection = readers.getConnection()) {
      if (!connection.isValid(PING_SECONDS)) {
        throw new StoreException("the database does not answer", null);
      }
    } catch (SQLException failure) {
      throw new StoreException("the database does not answer: " + failure.getMessage(), failure);
    }
    StoreException away = writer.lost().getNow(null);
    if (away == null) {
      away = writer.whyAway();
    }
    if (away != null) {
      throw new StoreException(String.valueOf(away.getMessage()), away);
    }
  }

  @Override
  public void close() {
    writer.close();
    readers.close();
    release(lock);
  }

  private static void release(@Nullable SqliteFile lock) {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("the lock of the database cannot be released", failure);
    }
  }
}
