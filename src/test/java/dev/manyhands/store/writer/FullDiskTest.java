package dev.manyhands.store.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.store.CommitListener;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.DataSources;
import dev.manyhands.store.sql.StoreSettings;
import dev.manyhands.store.writer.Write.OnOutage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that has no room while the reserve is there, over a real SQLite. */
class FullDiskTest {
  private static final int FULL = 13;

  @TempDir private Path directory;

  private DataSource source;
  private Path reserve;
  private GroupCommit writer;

  @BeforeEach
  void start() throws Exception {
    source = DataSources.of(StoreSettings.embedded(directory)).writer();
    execute("CREATE TABLE note (text TEXT)");
    reserve = directory.resolve("reserve");
    var session = new WriterSession(source, Dialect.SQLITE, Reserve.in(reserve), Ownership.ALONE);
    writer = new GroupCommit(session, Dialect.SQLITE, duration -> {}, CommitListener.NONE);
  }

  @AfterEach
  void close() {
    writer.close();
  }

  @Test
  void theRoomOfDeletedRowsIsUsedWithTheReserve() throws Exception {
    execute("INSERT INTO note (text) VALUES (hex(zeroblob(100000)))");
    execute("DELETE FROM note");

    assertThat(note().join()).isEqualTo(1);

    assertThat(reserve).doesNotExist();
    assertThat(writer.whyAway()).isNull();
  }

  @Test
  void theReserveIsKeptWhileTheDatabaseHasNoRoomInside() {
    assertThatThrownBy(note()::join).hasCauseInstanceOf(StoreException.class);

    assertThat(reserve).exists();
  }

  private CompletableFuture<Integer> note() {
    return writer.write(
        OnOutage.FAIL,
        0,
        transaction -> {
          if (Files.exists(reserve)) {
            throw new SQLException("database or disk is full", null, FULL);
          }
          return transaction.update("INSERT INTO note (text) VALUES ('a')");
        });
  }

  private void execute(String sql) throws SQLException {
    try (var connection = source.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
