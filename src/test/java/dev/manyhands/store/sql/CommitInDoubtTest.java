package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Ports;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.writer.Dialect;
import dev.manyhands.store.writer.Write.OnOutage;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A commit gets no answer because the server of PostgreSQL crashes, and another client of the
 * server is quicker to come back than the service.
 */
class CommitInDoubtTest {
  private static final int OTHERS_TRANSACTIONS = 50;
  private static final int MOST_PAUSES = 1_000;

  @TempDir private Path directory;
  private final int port = Ports.free();
  private final StepPause pause = new StepPause();
  private EmbeddedPostgres server;
  private Network network;
  private Database database;

  @BeforeEach
  void open() throws Exception {
    server = start();
    String url = "jdbc:postgresql://localhost:" + port + "/postgres";
    var settings = new StoreSettings(url, directory, "postgres", "postgres", 2);
    var sources = DataSources.of(settings);
    network = new Network(sources.writer());
    database =
        Database.open(
            Dialect.POSTGRESQL,
            new DataSources(network, sources.reader()),
            2,
            pause,
            CommitListener.NONE);
    execute("CREATE TABLE note (id BIGINT PRIMARY KEY)");
    note(0).get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws IOException {
    database.close();
    server.close();
  }

  @Test
  void aCommitThatWasLostInACrashIsNotTakenForAnothersTransaction() throws Exception {
    network.atNextCommit = connection -> crash();
    var accepted = note(1);
    pause.awaitBegun();

    othersComeBackFirst();

    assertThat(accepted.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(notes()).isEqualTo(2);
  }

  @Test
  void aCommitWhoseAnswerWasLostInACrashIsNotRunAgain() throws Exception {
    network.atNextCommit =
        connection -> {
          connection.commit();
          crash();
        };
    var accepted = note(1);
    pause.awaitBegun();

    othersComeBackFirst();

    assertThat(accepted.get(30, TimeUnit.SECONDS)).as("not a duplicate of itself").isEqualTo(1);
    assertThat(notes()).isEqualTo(2);
  }

  @Test
  void aCommitThatIsStillOnItsWayDoesNotArriveAfterItWasRunAgain() throws Exception {
    var late = new CompletableFuture<Connection>();
    network.keepsConnections = true; // the server does not hear that they were closed
    network.atNextCommit = late::complete;
    var accepted = note(1);
    pause.awaitBegun();
    endPauses();

    assertThat(accepted.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(notes()).isEqualTo(2);
    try (Connection old = late.join()) {
      old.commit();
    } catch (SQLException ended) {
      assertThat(ended.getSQLState()).startsWith("57");
    }
    assertThat(notes()).isEqualTo(2);
  }

  /** The ids of their transactions are those that the crash has made the server forget. */
  private void othersComeBackFirst() throws Exception {
    server = start();
    for (int i = 0; i < OTHERS_TRANSACTIONS; i++) {
      execute("SELECT pg_current_xact_id()");
    }
    endPauses();
  }

  private void endPauses() {
    for (int i = 0; i < MOST_PAUSES; i++) {
      pause.end();
    }
  }

  private CompletableFuture<Integer> note(long id) {
    return database
        .writer()
        .write(
            OnOutage.WAIT,
            100,
            transaction -> transaction.update("INSERT INTO note (id) VALUES (?)", id));
  }

  private long notes() throws SQLException {
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT COUNT(*) FROM note")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private EmbeddedPostgres start() throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(directory.resolve("data"))
        .setCleanDataDirectory(false)
        .setPort(port)
        // Nothing is flushed but by a commit.
        .setServerConfig("wal_writer_delay", "10s")
        .setServerConfig("autovacuum", "off")
        .start();
  }

  /** The server forgets what it has not flushed. */
  private void crash() {
    try {
      Path pidFile = directory.resolve("data/postmaster.pid");
      String pid = Files.readAllLines(pidFile).getFirst();
      new ProcessBuilder("kill", "-QUIT", pid).start().waitFor();
      Awaitility.await()
          .until(
              () -> ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isEmpty());
      server.close();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Events between the service and its database. */
  private static final class Network extends DelegatingDataSource {
    interface Event {
      void happen(Connection connection) throws SQLException;
    }

    private volatile Event atNextCommit;
    private volatile boolean keepsConnections;

    Network(DataSource real) {
      super(real);
    }

    @Override
    public Connection getConnection() throws SQLException {
      Connection real = super.getConnection();
      return (Connection)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                Event event = atNextCommit;
                if (method.getName().equals("commit") && event != null) {
                  atNextCommit = null;
                  event.happen(real);
                  throw new SQLException("no answer", "08006");
                }
                if (method.getName().equals("close") && keepsConnections) {
                  return null;
                }
                try {
                  return method.invoke(real, arguments);
                } catch (InvocationTargetException failure) {
                  throw failure.getCause();
                }
              });
    }
  }
}
