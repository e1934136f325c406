package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.error;
import static dev.manyhands.store.sql.TestJobs.report;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobNote;
import dev.manyhands.model.JobState;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.ParentItems;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.sql.OutcomeReads.Order;
import dev.manyhands.store.writer.Pause;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * A job is deleted before any one statement of any reader of the store. The reader gets all of the
 * job, or an exception.
 */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class GoneUnderReaderTest {
  private static final long ITEMS = 2_000;

  /** Large enough for a slice of two rows. */
  private static final int LARGE_BYTES = 400 << 10;

  private static final long HEAP = 32L << 20;

  /** More small rows than a slice takes, and so few that each can be read in parts. */
  private static final int MANY_ROWS = 270;

  private static final int FEW_ROWS = 3;

  /** More than a slice of reports without values has. */
  private static final int MORE_ROWS = 1_100;

  private final TestJobs jobs = new TestJobs();
  private final Random random = new Random(20);
  private final TestDatabase testDatabase;
  private final Watched readers;
  private final Database database;
  private final SqlJobStore store;
  private final OutcomeReads reads;

  GoneUnderReaderTest(DatabaseKind kind) {
    testDatabase = TestDatabase.fresh(kind);
    var sources = DataSources.of(testDatabase.settings());
    readers = new Watched(sources.reader());
    database =
        Database.open(
            kind.dialect(),
            new DataSources(sources.writer(), readers),
            4,
            Pause.SLEEP,
            CommitListener.NONE);
    store = new SqlJobStore(database, new Definitions(), new TestClock());
    reads = new OutcomeReads(database, HEAP);
  }

  @AfterEach
  void close() {
    database.close();
    testDatabase.close();
  }

  /** Reads a job, and notes what it is given, in order. */
  @FunctionalInterface
  private interface Reader {
    void read(JobId job, List<String> given);
  }

  @Test
  void allOutcomes() {
    wholeOrTold((job, given) ->
        store.outcomes(job, new ItemRange(0, ITEMS), report -> note(report, given)));
  }

  @Test
  void outcomesFromTheMiddle() {
    wholeOrTold((job, given) ->
        store.outcomes(job, new ItemRange(77, ITEMS), report -> note(report, given)));
  }

  @Test
  void outcomesForSlowReaders() {
    wholeOrTold((job, given) ->
        store.streamOutcomes(job, new ItemRange(5, ITEMS), report -> note(report, given)));
  }

  @Test
  void outcomesInParts() {
    Job other = jobs.job(1);
    store.submit(other, TestJobs.inputs(0, 1), null).join();
    record(other, row(0, 1, (int) (HEAP / 16)));
    for (Order order : Order.values()) {
      wholeOrTold(
          FEW_ROWS,
          (job, given) ->
              reads.slowly( // another reader holds all the memory for whole rows
                  other.id(),
                  Order.INPUT,
                  new ItemRange(0, 1),
                  (at, whole) -> {
                    reads.slowly(
                        job, order, new ItemRange(0, ITEMS), (place, part) -> note(part, given));
                    return true;
                  }));
    }
  }

  @Test
  void outcomesInTheOrderOfCompletion() {
    wholeOrTold((job, given) -> {
      long end =
          store.completions(
              job,
              new ItemRange(3, ITEMS),
              completion -> {
                given.add("at " + completion.place());
                note(completion.report(), given);
              });
      given.add("end " + end);
    });
  }

  @Test
  void reportsWithoutValues() {
    wholeOrTold(
        MORE_ROWS,
        (job, given) -> store.chunkReports(job, report -> given.add(report.items().toString())));
  }

  @Test
  void errorsOfItems() {
    wholeOrTold((job, given) ->
        store.failedItems(
            job,
            new ItemRange(0, ITEMS),
            failed -> given.add(Long.toString(failed.error().index()))));
  }

  @Test
  void inputs() {
    wholeOrTold((job, given) -> {
      for (long next = 0; next < ITEMS; ) {
        var segment = store.inputsAt(job, next);
        given.add(new String(segment.bytes(), UTF_8));
        next = segment.items().end();
      }
    });
  }

  @Test
  void originsOfRetriedItems() {
    wholeOrTold((job, given) -> {
      for (long next = 0; next < ITEMS; ) {
        var origins = store.retriedItems().at(job, next).orElseThrow();
        given.add(origins.items() + " until " + origins.parentEnd());
        next = origins.items().end();
      }
    });
  }

  @Test
  void retriedItemsByTheirOrigins() {
    wholeOrTold((job, given) -> {
      var found = store.retriedItems().from(job, 0);
      while (found.isPresent()) {
        given.add(found.get().items().toString());
        found = store.retriedItems().from(job, found.get().parentEnd());
      }
      given.add("end");
    });
  }

  @Test
  void cancelledItems() {
    wholeOrTold((job, given) -> {
      var found = store.cancelledItems().from(job, 0);
      while (found.isPresent()) {
        given.add(found.get().toString());
        found = store.cancelledItems().from(job, found.get().end());
      }
      given.add("end");
    });
  }

  @Test
  void notes() {
    wholeOrTold((job, given) -> {
      given.addAll(texts(store.notes(job)));
      given.addAll(texts(store.notes(job)));
    });
  }

  private static List<String> texts(List<JobNote> notes) {
    return notes.isEmpty() ? List.of("none") : notes.stream().map(JobNote::detail).toList();
  }

  @Test
  void aReaderThatComesTooLateIsTold() {
    Job job = job(MANY_ROWS);
    store.delete(job.id()).join();
    store.dropInputs(job.id()).join(); // ends when the sweep has ended
    for (long first : new long[] {0, 1_905}) {
      assertThatThrownBy(() -> store.outcomes(job.id(), new ItemRange(first, ITEMS), report -> {}))
          .isInstanceOf(JobGoneException.class)
          .hasMessageContaining(job.id().toString());
    }
  }

  private void wholeOrTold(Reader reader) {
    wholeOrTold(MANY_ROWS, reader);
  }

  /**
   * Deletes a job before the first statement of the reader, another before the second, and so on.
   */
  private void wholeOrTold(int rows, Reader reader) {
    var whole = new ArrayList<String>();
    Job undisturbed = job(rows);
    int statements = readers.count(() -> reader.read(undisturbed.id(), whole));
    assertThat(statements).as("statements of this reader").isGreaterThan(1);
    for (int before = 0; before < statements; before++) {
      Job job = job(rows);
      var given = new ArrayList<String>();
      readers.before(before, () -> delete(job.id()));
      try {
        reader.read(job.id(), given);
        assertThat(given).as("read to its end, deleted at %d", before).isEqualTo(whole);
      } catch (JobGoneException told) {
        assertThat(whole.subList(0, given.size())).as("the beginning").isEqualTo(given);
      }
    }
  }

  /** As a user or the sweep does it: all of it, or with the sweep somewhere on its way. */
  private void delete(JobId id) {
    if (random.nextBoolean()) {
      assertThat(store.delete(id).join()).isTrue();
      store.dropInputs(id).join(); // ends when the sweep has ended
      return;
    }
    try {
      long swept = random.nextLong(ITEMS);
      testDatabase.execute("DELETE FROM job WHERE id = ?", id.toString());
      for (String table : List.of("input_segment", "retried_items", "outcome")) {
        testDatabase.execute(
            "DELETE FROM " + table + " WHERE job_id = ? AND first_index < ?", id.toString(), swept);
      }
    } catch (SQLException e) {
      fail(e);
    }
  }

  /** A job that has ended: many small rows, some large ones, and items that never ran. */
  private Job job(int rows) {
    Job job = jobs.job(ITEMS);
    var written = new ArrayList<CompletableFuture<?>>();
    store.together(() -> {
      for (long first = 0; first < ITEMS; first += 500) {
        written.add(store.addInputs(job.id(), retried(first, first + 500)));
      }
      written.add(store.submit(job, null, null));
      for (long first = 1_900; first < 1_908; first += 2) {
        written.add(store.record(job.id(), FIRST_VERSION, row(first, first + 2, LARGE_BYTES)));
      }
      for (long first = 0; first < rows; first++) {
        OutcomeReport report =
            first % 20 == 0 ? report(first, first + 1, error(first)) : report(first, first + 1);
        written.add(store.record(job.id(), FIRST_VERSION, report));
      }
      written.add(store.record(job.id(), FIRST_VERSION, row(1_920, 1_930, 100)));
      for (JobNote.Kind kind : JobNote.Kind.values()) {
        written.add(store.note(job.id(), new JobNote(kind, "a note of " + kind)));
      }
      written.add(
          store
              .cancelledItems()
              .add(
                  job.id(),
                  FIRST_VERSION,
                  List.of(new ItemRange(1_940, 1_941), new ItemRange(1_950, 1_960)),
                  List.of()));
      var end = TestJobs.ended(JobState.SUCCEEDED, rows + 18, ITEMS);
      written.add(store.finish(job.id(), FIRST_VERSION, end));
    });
    written.forEach(CompletableFuture::join);
    return job;
  }

  /** Inputs that try every other item of a job again. */
  private static InputSegment retried(long first, long end) {
    var origins = new ParentItems.Builder();
    LongStream.range(first, end).forEach(index -> origins.add(ItemRange.ofCount(2 * index, 1)));
    byte[] values = TestJobs.values(first, end);
    return new InputSegment(new ItemRange(first, end), values, origins.build(first));
  }

  private void record(Job job, OutcomeReport report) {
    assertThat(store.record(job.id(), FIRST_VERSION, report).join()).isTrue();
  }

  private static OutcomeReport row(long first, long end, int bytes) {
    String text = "\"" + "z".repeat((int) (bytes / (end - first))) + "\"";
    String values =
        LongStream.range(first, end).mapToObj(index -> text).collect(Collectors.joining(","));
    return report(
        new Outcomes(
            new ItemRange(first, end), values.getBytes(UTF_8), List.of(), Outcomes.Cost.NONE));
  }

  private static boolean note(OutcomeReport report, List<String> given) {
    given.add(
        report.outcomes().items() + " " + new String(report.outcomes().values(), UTF_8).hashCode());
    return true;
  }

  /** Connections that do something before one of their statements. */
  private static final class Watched extends AbstractDataSource {
    private final DataSource real;
    private Runnable action = () -> {};
    private int until = -1;
    private int statements;

    Watched(DataSource real) {
      this.real = real;
    }

    /** How many statements there are meanwhile. */
    int count(Runnable reading) {
      statements = 0;
      until = -1;
      reading.run();
      return statements;
    }

    /** Before the statement of this number from now on. */
    void before(int number, Runnable deed) {
      statements = 0;
      until = number;
      action = deed;
    }

    @Override
    public Connection getConnection() throws SQLException {
      Connection connection = real.getConnection();
      return (Connection)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("prepareStatement") && statements++ == until) {
                  action.run();
                }
                try {
                  return method.invoke(connection, arguments);
                } catch (InvocationTargetException failure) {
                  throw failure.getCause();
                }
              });
    }

    @Override
    public Connection getConnection(String user, String password) {
      throw new UnsupportedOperationException();
    }
  }
}
