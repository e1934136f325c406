package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.inputs;
import static dev.manyhands.store.sql.TestJobs.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Job;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.DatabaseInUseException;
import dev.manyhands.store.OwnershipLostException;
import dev.manyhands.store.writer.PostgresOwnership;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several services that want to write to one PostgreSQL database. */
class OwnershipTest {
  private static final String OTHER = "manyhands, pid 4711 on another-host";

  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database = TestDatabase.fresh(DatabaseKind.POSTGRESQL);

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aSecondServiceIsRefusedAndHearsWhoIsThere() {
    try (var first = database.open(new TestClock())) {
      assertThatThrownBy(() -> open(Duration.ofMillis(1)))
          .isInstanceOf(DatabaseInUseException.class)
          .hasMessageContaining("manyhands, pid " + ProcessHandle.current().pid() + " on ")
          .hasMessageContaining("at 127.0.0.1, connected since 20");
      assertThat(StoreProbe.holder(database.settings()))
          .contains("pid " + ProcessHandle.current().pid());
      assertThat(first.jobs().submit(jobs.job(1), inputs(0, 1), null).join().created()).isTrue();
    }
    assertThat(StoreProbe.holder(database.settings())).isNull();
  }

  @Test
  void aSecondServiceGetsInWhenTheFirstHasEnded() throws Exception {
    var first = database.open(new TestClock());
    var second = CompletableFuture.supplyAsync(() -> open(Duration.ofSeconds(60)));
    first.close();
    try (var stores = second.get(30, TimeUnit.SECONDS)) {
      assertThat(stores.jobs().submit(jobs.job(1), inputs(0, 1), null).join().created()).isTrue();
    }
  }

  @Test
  void aServiceThatWasReplacedWritesNothingMore() throws Exception {
    try (var stores = database.open(new TestClock())) {
      Job job = jobs.job(10);
      stores.jobs().submit(job, inputs(0, 10), null).join();
      replace();

      var late = stores.jobs().record(job.id(), FIRST_VERSION, report(0, 10));

      assertThatThrownBy(late::join).hasCauseInstanceOf(OwnershipLostException.class);
      assertThat(stores.ownershipLost().get(30, TimeUnit.SECONDS)).isNotNull();
      assertThatThrownBy(stores.jobs()::ping).hasMessageContaining("taken the database over");
      assertThatThrownBy(() -> stores.jobs().submit(jobs.job(1), inputs(0, 1), null).join())
          .hasCauseInstanceOf(OwnershipLostException.class);
      assertThat(database.number("SELECT COUNT(*) FROM outcome")).isZero();
    }
  }

  @Test
  void aServiceThatHasNothingToWriteNoticesToo() throws Exception {
    try (var stores = database.open(new TestClock())) {
      database.throwOut();
      try (var connection = connect()) {
        String holder = new PostgresOwnership(OTHER).tryTake(connection);
        if (holder == null) {
          claim(connection);
          assertThat(stores.ownershipLost().get(30, TimeUnit.SECONDS)).hasMessageContaining(OTHER);
          return;
        }
        // It has noticed, and was quicker.
        assertThat(holder).contains("pid " + ProcessHandle.current().pid());
      }
    }
  }

  @Test
  void aServiceThatWasThrownOutTakesItsPlaceAgain() {
    try (var stores = database.open(new TestClock())) {
      database.throwOut();
      assertThat(stores.jobs().submit(jobs.job(1), inputs(0, 1), null).join().created()).isTrue();
      assertThatThrownBy(() -> open(Duration.ofMillis(1)))
          .isInstanceOf(DatabaseInUseException.class);
    }
  }

  /** As after a failover: the lock that the first has is none that the second sees. */
  private void replace() throws SQLException {
    try (var connection = connect()) {
      claim(connection);
    }
  }

  private static void claim(Connection connection) throws SQLException {
    new PostgresOwnership(OTHER).claim(connection);
  }

  private Connection connect() throws SQLException {
    return DataSources.of(database.settings()).writer().getConnection();
  }

  private SqlStores open(Duration patience) {
    StoreSettings usual = database.settings();
    var settings =
        new StoreSettings(
            usual.url(),
            usual.dataDir(),
            usual.user(),
            usual.password(),
            usual.readers(),
            patience);
    return SqlStores.open(settings, new TestClock(), CommitListener.NONE);
  }
}
