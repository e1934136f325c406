package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.ended;
import static dev.manyhands.store.sql.TestJobs.error;
import static dev.manyhands.store.sql.TestJobs.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.Completion;
import dev.manyhands.store.sql.FaultyDataSource.Fault;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Outcomes in the order of their commits: without gaps, without doubles, from any place on. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class CompletionOrderTest {
  private static final long ALL = Long.MAX_VALUE;

  private final TestJobs jobs = new TestJobs();
  private final StepPause pause = new StepPause();
  private final DatabaseKind kind;
  private final TestDatabase database;
  private final FaultyDataSource writer;

  CompletionOrderTest(DatabaseKind kind) {
    this.kind = kind;
    this.database = TestDatabase.empty(kind);
    this.writer = new FaultyDataSource(DataSources.of(database.settings()).writer());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void reportsComeInTheOrderInWhichTheyWereRecorded() {
    try (var store = open()) {
      Job job = submitted(store, 10);
      var late = report(6, 10, error(7));
      var early = report(0, 4);

      record(store, job, late, early);

      var read = new ArrayList<Completion>();
      assertThat(store.completions(job.id(), new ItemRange(0, ALL), read::add)).isEqualTo(8);
      assertThat(read).extracting(Completion::place).containsExactly(0L, 4L);
      ReportAssert.assertSame(read.stream().map(Completion::report).toList(), late, early);
      JobId nowhere = jobs.nextId();
      assertThatThrownBy(() -> store.completions(nowhere, new ItemRange(0, ALL), read::add))
          .isInstanceOf(JobGoneException.class);
    }
  }

  @Test
  void itIsReadOnFromAnyPlace() {
    try (var store = open()) {
      Job job = submitted(store, 10);
      record(store, job, report(6, 10), report(0, 4));

      assertThat(firsts(store, job, 3, 4)).containsExactly(6L);
      assertThat(firsts(store, job, 3, 5)).containsExactly(6L, 0L);
      assertThat(firsts(store, job, 4, ALL)).containsExactly(0L);
      assertThat(firsts(store, job, 7, ALL)).containsExactly(0L);
      assertThat(firsts(store, job, 8, ALL)).isEmpty();
      assertThat(store.completions(job.id(), new ItemRange(9, ALL), _ -> {})).isEqualTo(8);
      assertThat(store.completions(job.id(), new ItemRange(2, 3), _ -> {})).isEqualTo(3);
    }
  }

  @Test
  void aReaderThatGoesOnWhereItStoppedSeesEachItemOnceWhileOthersAreRecorded() {
    int items = 3_000;
    try (var store = open()) {
      Job job = submitted(store, items);
      var order = new ArrayList<>(LongStream.range(0, items / 3).map(i -> 3 * i).boxed().toList());
      Collections.shuffle(order, new Random(5));
      Thread.ofVirtual()
          .start(() ->
              order.forEach(
                  first -> store.record(job.id(), FIRST_VERSION, report(first, first + 3))));

      var seen = new ArrayList<Long>();
      long next = 0;
      while (next < items) {
        next =
            store.completions(
                job.id(),
                new ItemRange(next, ALL),
                completion -> seen.add(completion.report().outcomes().items().first()));
      }

      assertThat(seen).isEqualTo(order);
    }
  }

  @Test
  void whatIsRefusedTakesNoPlace() {
    try (var store = open()) {
      Job job = submitted(store, 10);
      var answers =
          List.of(
              store.record(job.id(), FIRST_VERSION, report(4, 6)),
              store.record(job.id(), FIRST_VERSION, report(0, 5)),
              store.record(job.id(), FIRST_VERSION + 1, report(0, 2)),
              store.record(job.id(), FIRST_VERSION, report(0, 2)),
              store
                  .finish(job.id(), FIRST_VERSION, ended(JobState.CANCELLED, 4, 10))
                  .thenApply(Optional::isPresent),
              store.record(job.id(), FIRST_VERSION, report(6, 8)));

      assertThat(answers.stream().map(CompletableFuture::join))
          .containsExactly(true, false, false, true, true, false);
      assertThat(places(store, job)).containsExactly(0L, 2L);
      assertThat(firsts(store, job, 0, ALL)).containsExactly(4L, 0L);
    }
  }

  /** The key of the inputs is taken: a group with this write in it is rolled back as a whole. */
  @Test
  void aGroupThatIsRolledBackLeavesNoGap() {
    try (var store = open()) {
      Job job = submitted(store, 300);
      var all = new ArrayList<CompletableFuture<?>>();
      for (long i = 0; i < 300; i++) {
        all.add(store.record(job.id(), FIRST_VERSION, report(299 - i, 300 - i)));
        if (i % 50 == 0) {
          all.add(store.addInputs(job.id(), TestJobs.inputs(0, 1)).exceptionally(_ -> null));
        }
      }
      all.forEach(CompletableFuture::join);

      assertThat(places(store, job)).isEqualTo(LongStream.range(0, 300).boxed().toList());
      assertThat(firsts(store, job, 0, ALL))
          .isEqualTo(LongStream.range(0, 300).map(i -> 299 - i).boxed().toList());
    }
  }

  @Test
  void aCommitWithoutAnAnswerTakesItsPlacesOnce() {
    var faults =
        kind == DatabaseKind.POSTGRESQL // on SQLite no answer is ever lost
            ? List.of(Fault.COMMIT_LOST, Fault.COMMIT_ANSWER_LOST)
            : List.of(Fault.COMMIT_LOST);
    try (var store = open()) {
      for (Fault fault : faults) {
        Job job = submitted(store, 10);
        record(store, job, report(8, 10));
        writer.set(fault);
        var doubted = store.record(job.id(), FIRST_VERSION, report(5, 8));
        pause.awaitBegun();
        var behind = store.record(job.id(), FIRST_VERSION, report(0, 5));
        writer.set(Fault.NONE);
        pause.end();

        assertThat(doubted.join()).isTrue();
        assertThat(behind.join()).isTrue();
        assertThat(places(store, job)).as("%s", fault).containsExactly(0L, 2L, 5L);
        assertThat(firsts(store, job, 0, ALL)).containsExactly(8L, 5L, 0L);
      }
    }
  }

  @Test
  void theOrderGoesOnAfterARestart() {
    Job job;
    try (var store = open()) {
      job = submitted(store, 10);
      record(store, job, report(5, 8));
    }
    try (var store = open()) {
      long version = store.grantUnfinished().getFirst().version();
      store.record(job.id(), version, report(0, 5)).join();
      assertThat(firsts(store, job, 0, ALL)).containsExactly(5L, 0L);
      assertThat(places(store, job)).containsExactly(0L, 3L);
    }
  }

  @Test
  void rowsOfBeforeCountInTheOrderOfTheirItems() throws Exception {
    JobId whole = jobs.nextId();
    JobId gappy = jobs.nextId();
    Flyway.configure()
        .dataSource(writer)
        .locations("classpath:db/migration")
        .placeholders(kind.dialect().placeholders())
        .target("5")
        .load()
        .migrate();
    insertOfBefore(whole, 5, 10);
    insertOfBefore(whole, 0, 5);
    insertOfBefore(gappy, 20, 23);
    insertOfBefore(gappy, 7, 9);

    try (var store = open()) {
      for (JobId id : List.of(whole, gappy)) {
        var job = jobs.job(id, TestJobs.spec(TestJobs.GCD, 30, Map.of()));
        store.submit(job, TestJobs.inputs(0, 30), null).join();
      }
      assertThat(placesAndFirsts(store, whole)).containsExactly("0 [0, 5)", "5 [5, 10)");
      assertThat(placesAndFirsts(store, gappy)).containsExactly("0 [7, 9)", "2 [20, 23)");
    }
  }

  private void insertOfBefore(JobId id, long first, long end) throws SQLException {
    try (var connection = writer.getConnection();
        var row =
            connection.prepareStatement(
                "INSERT INTO outcome (job_id, first_index, item_count, version, failed, run_seconds,"
                    + " read_seconds, write_seconds, worker, pid, started_at, finished_at, attempt,"
                    + " item_values) VALUES (?, ?, ?, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, ?)")) {
      row.setString(1, id.toString());
      row.setLong(2, first);
      row.setLong(3, end - first);
      row.setBytes(4, TestJobs.values(first, end));
      row.executeUpdate();
    }
  }

  private JobStore open() {
    var sources = new DataSources(writer, DataSources.of(database.settings()).reader());
    return SqlStores.of(
            Database.open(kind.dialect(), sources, 4, pause, CommitListener.NONE), new TestClock())
        .jobs();
  }

  private Job submitted(JobStore store, long items) {
    Job job = jobs.job(items);
    store.submit(job, TestJobs.inputs(0, items), null).join();
    return job;
  }

  private static void record(JobStore store, Job job, OutcomeReport... reports) {
    for (var report : reports) {
      assertThat(store.record(job.id(), FIRST_VERSION, report).join()).isTrue();
    }
  }

  private static List<Long> firsts(JobStore store, Job job, long from, long end) {
    var firsts = new ArrayList<Long>();
    store.completions(
        job.id(),
        new ItemRange(from, end),
        completion -> firsts.add(completion.report().outcomes().items().first()));
    return firsts;
  }

  private static List<Long> places(JobStore store, Job job) {
    var places = new ArrayList<Long>();
    store.completions(
        job.id(), new ItemRange(0, ALL), completion -> places.add(completion.place()));
    return places;
  }

  private static List<String> placesAndFirsts(JobStore store, JobId id) {
    var found = new ArrayList<String>();
    store.completions(
        id,
        new ItemRange(0, ALL),
        completion -> found.add(completion.place() + " " + completion.report().outcomes().items()));
    return found;
  }
}
