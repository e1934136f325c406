package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.pool.Failures;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Write.OnOutage;
import dev.manyhands.store.writer.WriterSession;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Repeats a series of writes. In run n, the n-th call that the writer's thread makes fails with an
 * {@link Error}. Calls to the database, to a write and to its listener count. The runs end when all
 * writes have passed without a failure.
 */
class WriterNthFailureTest {
  private static final List<Supplier<Error>> ERRORS =
      List.of(
          () -> new OutOfMemoryError("planned"),
          () -> new StackOverflowError("planned"),
          () -> new InternalError("planned"));

  private final TestDatabase database = TestDatabase.fresh(DatabaseKind.SQLITE);
  private final Failures failures = new Failures();
  private long nextId;

  @BeforeEach
  void create() throws SQLException {
    sql("CREATE TABLE note (id BIGINT PRIMARY KEY)");
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void noErrorCostsMoreThanOneWriteAndNobodyWaitsForEver() throws Exception {
    Set<String> failed = new HashSet<>();
    int n = 0;
    String call;
    do {
      n++;
      call = play(n);
      failed.add(String.valueOf(call));
    } while (call != null);
    assertThat(failed).contains("getConnection", "prepareStatement", "commit", "work", "listener");
  }

  private String play(int n) throws Exception {
    failures.failAt(n, ERRORS.get(n % ERRORS.size()));
    try (var writer =
        new GroupCommit(
            new WriterSession(source(), DatabaseKind.SQLITE.dialect()),
            DatabaseKind.SQLITE.dialect(),
            time -> {},
            (rows, took) -> failures.pass("listener"))) {
      int refused = 0;
      List<CompletableFuture<Integer>> notes = new ArrayList<>();
      long first = nextId;
      writer.together(() -> {
        notes.add(note(writer));
        notes.add(note(writer));
      });
      refused += settle(notes, first, n);
      refused += settle(List.of(note(writer)), first + 2, n);
      assertThat(refused)
          .as("writes that failed by call %d, %s", n, failures.failed())
          .isLessThan(2);
      String failed = failures.failed();
      failures.end();
      assertThat(settle(List.of(note(writer)), first + 3, n)).as("writes that fail later").isZero();
      assertThat(writer.isRunning()).isTrue();
      return failed;
    }
  }

  private CompletableFuture<Integer> note(GroupCommit writer) {
    long id = nextId++;
    return writer.write(
        OnOutage.WAIT,
        100,
        transaction -> {
          failures.pass("work");
          return transaction.update("INSERT INTO note (id) VALUES (?)", id);
        });
  }

  /** How many of the writes failed; each of them is in the database if and only if it did not. */
  private int settle(List<CompletableFuture<Integer>> notes, long first, int n) throws Exception {
    int failed = 0;
    for (int i = 0; i < notes.size(); i++) {
      boolean isWritten;
      try {
        notes.get(i).get(60, TimeUnit.SECONDS);
        isWritten = true;
      } catch (ExecutionException refused) {
        assertThat(refused).hasCauseInstanceOf(StoreException.class);
        isWritten = false;
        failed++;
      }
      assertThat(isThere(first + i))
          .as("the write is there, call %d, %s", n, failures.failed())
          .isEqualTo(isWritten);
    }
    return failed;
  }

  private boolean isThere(long id) throws SQLException {
    try (var connection = DataSources.of(database.settings()).writer().getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT 1 FROM note WHERE id = " + id)) {
      return rows.next();
    }
  }

  private void sql(String sql) throws SQLException {
    try (var connection = DataSources.of(database.settings()).writer().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Connections, and statements of theirs, whose calls may fail. */
  private DataSource source() {
    var real = DataSources.of(database.settings()).writer();
    return new AbstractDataSource() {
      @Override
      public Connection getConnection() throws SQLException {
        failures.pass("getConnection");
        return failing(Connection.class, real.getConnection());
      }

      @Override
      public Connection getConnection(String user, String password) {
        throw new UnsupportedOperationException();
      }
    };
  }

  private <T> T failing(Class<T> type, T real) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              failures.pass(method.getName());
              try {
                Object answer = method.invoke(real, arguments);
                return answer instanceof PreparedStatement statement
                    ? failing(PreparedStatement.class, statement)
                    : answer;
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            }));
  }
}
