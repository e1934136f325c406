package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.ended;
import static dev.manyhands.store.sql.TestJobs.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Real databases that really go away, and come back. */
class OutageTest {
  private final TestJobs jobs = new TestJobs();
  private final StepPause pause = new StepPause();

  @Test
  void nothingAcceptedIsLostWhilePostgresIsAway() {
    try (var database = TestDatabase.fresh(DatabaseKind.POSTGRESQL);
        var stores = open(DatabaseKind.POSTGRESQL, DataSources.of(database.settings()))) {
      story(stores.jobs(), database::shutOut, database::letIn);
    }
  }

  @Test
  void nothingAcceptedIsLostWhileTheDiskIsFull() {
    try (var database = TestDatabase.fresh(DatabaseKind.SQLITE)) {
      var sources = DataSources.of(database.settings());
      var disk = new SmallDisk(sources.writer());
      try (var stores = open(DatabaseKind.SQLITE, new DataSources(disk, sources.reader()))) {
        story(stores.jobs(), disk::fill, disk::makeRoom);
      }
    }
  }

  @Test
  void aDeleteGoesAheadOfWhatWaitsForRoomAndMakesIt() {
    try (var database = TestDatabase.fresh(DatabaseKind.SQLITE)) {
      var sources = DataSources.of(database.settings());
      var disk = new SmallDisk(sources.writer());
      try (var stores = open(DatabaseKind.SQLITE, new DataSources(disk, sources.reader()))) {
        JobStore store = stores.jobs();
        Job old = jobs.job(1_000);
        store.submit(old, null, null).join();
        for (long first = 0; first < 1_000; first += 10) {
          store.record(old.id(), FIRST_VERSION, largeReport(first, first + 10)).join();
        }
        store.finish(old.id(), FIRST_VERSION, ended(JobState.SUCCEEDED, 1_000, 1_000)).join();
        Job job = jobs.job(500);
        store.submit(job, null, null).join();

        disk.fill();
        var records = new ArrayList<CompletableFuture<Boolean>>();
        for (long first = 0; first < 500; first += 10) {
          records.add(store.record(job.id(), FIRST_VERSION, largeReport(first, first + 10)));
        }
        pause.awaitBegun();
        var deleted = store.delete(old.id());
        assertThat(store.submit(jobs.job(1), null, null)).isCompletedExceptionally();
        pause.end();

        assertThat(deleted.join()).isTrue();
        assertThat(records).allMatch(CompletableFuture::join);
        assertThat(store.submit(jobs.job(1), null, null).join().created()).isTrue();
      }
    }
  }

  private void story(JobStore store, Runnable away, Runnable back) {
    Job job = jobs.job(1_000);
    store.submit(job, null, null).join();
    store.started(job.id(), FIRST_VERSION, TestClock.START).join();
    store.record(job.id(), FIRST_VERSION, report(0, 10)).join();

    away.run();
    var records = new ArrayList<CompletableFuture<Boolean>>();
    for (long first = 10; first < 1_000; first += 10) {
      records.add(store.record(job.id(), FIRST_VERSION, largeReport(first, first + 10)));
    }
    pause.awaitBegun();
    var late = store.record(job.id(), FIRST_VERSION, report(5, 15));
    var finished = store.finish(job.id(), FIRST_VERSION, ended(JobState.SUCCEEDED, 1_000, 1_000));
    Job other = jobs.job(1);
    assertThat(
            List.of(
                store.submit(other, null, null),
                store.addInputs(other.id(), TestJobs.inputs(0, 1)),
                store.closeInputs(other.id(), InputsOwner.CLIENT)))
        .allSatisfy(
            refused -> assertThatThrownBy(refused::join).hasCauseInstanceOf(StoreException.class));
    assertThatThrownBy(store::ping).isInstanceOf(StoreException.class);
    pause.end();
    pause.awaitBegun();
    assertThat(records).noneMatch(CompletableFuture::isDone);

    back.run();
    pause.end();
    assertThat(records).allMatch(CompletableFuture::join);
    assertThat(late.join()).isFalse();
    assertThat(finished.join()).isPresent();
    store.ping();
    assertThat(store.submit(other, null, null).join().created()).isTrue();
    var items = new ArrayList<ItemRange>();
    store.outcomes(
        job.id(), new ItemRange(0, 1_000), report -> items.add(report.outcomes().items()));
    assertThat(items).hasSize(100);
    assertThat(store.find(job.id()).orElseThrow().status().state()).isEqualTo(JobState.SUCCEEDED);
  }

  private SqlStores open(DatabaseKind kind, DataSources sources) {
    var database = Database.open(kind.dialect(), sources, 4, pause, CommitListener.NONE);
    return SqlStores.of(database, new TestClock());
  }

  /** Large enough to need pages of its own, whatever room there is in the last one. */
  private static OutcomeReport largeReport(long first, long end) {
    byte[] values = Arrays.copyOf(TestJobs.values(first, end), 5_000);
    return report(new Outcomes(new ItemRange(first, end), values, List.of(), Outcomes.Cost.NONE));
  }

  /** A disk that can be filled to the brim: SQLite finds it full as it would a real one. */
  private static final class SmallDisk extends DelegatingDataSource {
    private static final long FULL = 1; // means as many pages as there are
    private static final long ROOMY = 1_000_000;

    private volatile long pages = ROOMY;
    private volatile Connection connection;

    SmallDisk(DataSource real) {
      super(real);
    }

    @Override
    public Connection getConnection() throws SQLException {
      connection = super.getConnection();
      limit();
      return connection;
    }

    /** While nothing is being written. */
    void fill() {
      pages = FULL;
      try {
        limit();
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
    }

    void makeRoom() {
      pages = ROOMY; // for the next connection: the writer has given up the last one
    }

    private void limit() throws SQLException {
      try (var statement = connection.createStatement()) {
        statement.execute("PRAGMA max_page_count = " + pages);
      }
    }
  }
}
