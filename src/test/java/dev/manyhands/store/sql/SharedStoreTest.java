package dev.manyhands.store.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.SharedStore;
import dev.manyhands.store.SharedStore.Change;
import dev.manyhands.store.SharedStore.Entry;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.FaultyDataSource.Fault;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The entries of shared objects are stored as they were written, for as long as their job. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class SharedStoreTest {
  private final TestJobs jobs = new TestJobs();
  private final DatabaseKind kind;
  private final TestDatabase database;
  private final FaultyDataSource faulty;
  private SqlStores stores;
  private SharedStore shared;

  SharedStoreTest(DatabaseKind kind) {
    this.kind = kind;
    this.database = TestDatabase.fresh(kind);
    this.faulty = new FaultyDataSource(DataSources.of(database.settings()).writer());
  }

  @BeforeEach
  void open() {
    var sources = new DataSources(faulty, DataSources.of(database.settings()).reader());
    var open = Database.open(kind.dialect(), sources, 2, pause -> {}, CommitListener.NONE);
    stores = SqlStores.of(open, new TestClock());
    shared = stores.shared();
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  @Test
  void entriesAreReadInTheOrderOfTheirPlaces() {
    JobId job = submitted();
    JobId other = submitted();
    write(job, put("b", "\"z\"", 0, "1"), put("b", "\"a\"", 1, "2"), put("", "", 0, "1"));
    write(job, put("a", "\"\u00e9\\u0000\\ud83e\"", 9, "3"), put("b", "0", 2, "4"));
    write(other, put("b", "\"z\"", 0, "5"));

    assertThat(texts(job))
        .containsExactly("::1", "a:\"\u00e9\\u0000\\ud83e\":3", "b:\"z\":1", "b:\"a\":2", "b:0:4");
    assertThat(texts(other)).containsExactly("b:\"z\":5");
  }

  @Test
  void anEntryIsOverwrittenAndRemoved() {
    JobId job = submitted();
    write(job, put("d", "\"k\"", 0, "1"), put("d", "\"l\"", 1, "2"), put("e", "\"k\"", 0, "3"));
    write(job, put("d", "\"k\"", 7, "4"), gone("d", "\"l\"", 1), gone("d", "\"m\"", 2));
    assertThat(texts(job)).containsExactly("d:\"k\":4", "e:\"k\":3");
    assertThat(shared.read(SharedSetId.of(job)).getFirst().place()).isEqualTo(7);

    write(job, put("d", "\"k\"", 8, "5"), gone("d", "\"k\"", 8), put("e", "\"k\"", 0, "6"));
    write(job, gone("e", "\"k\"", 0), put("e", "\"k\"", 1, "7"));
    assertThat(texts(job)).containsExactly("e:\"k\":7");
  }

  @Test
  void manyEntriesAreWrittenAtOnce() {
    JobId job = submitted();
    write(job, entries(0, 1_000, true));
    write(job, entries(0, 999, false));
    assertThat(texts(job)).containsExactly("list:999:999");
  }

  @Test
  void anEmptyValueIsNoRemoval() {
    JobId job = submitted();
    write(job, put("d", "k", 0, ""));
    assertThat(texts(job)).containsExactly("d:k:");
  }

  @Test
  void aLongKeyAndALargeValueAreStored() {
    JobId job = submitted();
    // Chosen at random, because PostgreSQL compresses other texts before it measures them.
    String key =
        new Random(1)
            .ints(2_048, '0', 'z')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    String value = "v".repeat(1 << 20);
    write(job, put("a".repeat(64), key, 0, value));
    assertThat(texts(job)).containsExactly("a".repeat(64) + ":" + key + ":" + value);
  }

  @Test
  void theyAreThereAfterARestart() {
    JobId job = submitted();
    write(job, put("d", "k", 0, "1"));
    restart();
    assertThat(texts(job)).containsExactly("d:k:1");
  }

  @Test
  void aWriteForAJobThatIsGoneChangesNothing() throws SQLException {
    JobId job = submitted();
    delete(job);
    write(job, put("d", "k", 0, "1"));
    write(jobs.nextId(), put("d", "k", 0, "1"));
    assertThat(database.number("SELECT COUNT(*) FROM shared_entry")).isZero();
    assertThat(texts(job)).isEmpty();
  }

  @Test
  void theyGoWithTheJob() throws SQLException {
    JobId job = submitted();
    JobId other = submitted();
    write(job, entries(0, 3 * Sweep.SLICE_ENTRIES, true));
    write(other, put("d", "k", 0, "1"));
    delete(job);
    stores.jobs().dropInputs(job).join(); // ends after the sweep that the deletion began
    assertThat(database.number("SELECT COUNT(*) FROM shared_entry")).isEqualTo(1);
    assertThat(texts(other)).hasSize(1);
  }

  @Test
  void theSweepSparesAJobThatExists() {
    JobId job = submitted();
    write(job, entries(0, 2 * Sweep.SLICE_ENTRIES, true));
    stores.jobs().dropInputs(job).join();
    assertThat(shared.read(SharedSetId.of(job))).hasSize(2 * Sweep.SLICE_ENTRIES);
  }

  /** A start finds what a sweep has left, also if the job has neither inputs nor outcomes. */
  @Test
  void theNextStartRemovesWhatASweepHasLeft() throws SQLException {
    JobId job = submitted();
    JobId other = submitted();
    write(job, put("d", "k", 0, "1"));
    write(other, put("d", "k", 0, "2"));
    database.execute("DELETE FROM job WHERE id = ?", job.toString());
    restart();
    stores.jobs().grantUnfinished();
    stores.jobs().dropInputs(job).join(); // queues behind the sweep that the start began
    assertThat(database.number("SELECT COUNT(*) FROM shared_entry")).isEqualTo(1);
    assertThat(texts(other)).containsExactly("d:k:2");
  }

  @Test
  void aGroupThatIsRolledBackRunsAgain() {
    JobId job = submitted();
    write(job, put("d", "gone", 0, "1"));
    var calls = new AtomicInteger();
    List<Change> changes = List.of(put("d", "k", 1, "2"), gone("d", "gone", 0));
    faulty.set(Fault.CONFLICT);
    shared
        .write(
            SharedSetId.of(job),
            10,
            () -> {
              calls.incrementAndGet();
              return changes;
            })
        .join();
    assertThat(calls).hasValue(2);
    assertThat(texts(job)).containsExactly("d:k:2");
  }

  /** The write waits for the database, because its job was accepted. */
  @Test
  void aWriteSurvivesADatabaseThatIsAway() {
    JobId job = submitted();
    faulty.breakOpenConnections();
    faulty.set(Fault.GONE);
    var written = shared.write(SharedSetId.of(job), 10, () -> List.of(put("d", "k", 0, "1")));
    assertThatThrownBy(this::submitted).hasCauseInstanceOf(StoreException.class);
    assertThat(written).isNotDone();
    faulty.set(Fault.NONE);
    written.join();
    assertThat(texts(job)).containsExactly("d:k:1");
  }

  private JobId submitted() {
    JobId id = jobs.nextId();
    JobSpec spec = JobSpec.of(TestJobs.GCD, new Inputs.Range(0, 4, 1));
    var job = new Job(id, spec, TestClock.START, JobStatus.queued(4));
    stores.jobs().submit(job, null, null).join();
    return id;
  }

  private void delete(JobId job) {
    var end = TestJobs.ended(JobState.CANCELLED, 0, 4);
    stores.jobs().finish(job, JobStore.FIRST_VERSION, end).join();
    assertThat(stores.jobs().delete(job).join()).isTrue();
  }

  private void restart() {
    stores.close();
    open();
  }

  private void write(JobId job, Change... changes) {
    shared.write(SharedSetId.of(job), 10, () -> List.of(changes)).join();
  }

  private static Change put(String object, String key, long place, String value) {
    return change(object, key, place, value);
  }

  private static Change gone(String object, String key, long place) {
    return change(object, key, place, null);
  }

  private static Change change(String object, String key, long place, @Nullable String value) {
    return new Change(object, key, place, value == null ? null : value.getBytes(UTF_8));
  }

  /** Returns changes that write or remove the elements of a list. */
  private static Change[] entries(int from, int to, boolean written) {
    return IntStream.range(from, to)
        .mapToObj(i -> change("list", "" + i, i, written ? "" + i : null))
        .toArray(Change[]::new);
  }

  private List<String> texts(JobId job) {
    var texts = new ArrayList<String>();
    for (Entry entry : shared.read(SharedSetId.of(job))) {
      texts.add(entry.object() + ":" + entry.key() + ":" + new String(entry.value(), UTF_8));
    }
    return texts;
  }
}
