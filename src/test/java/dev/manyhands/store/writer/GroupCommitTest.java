package dev.manyhands.store.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.DataSources;
import dev.manyhands.store.sql.DatabaseKind;
import dev.manyhands.store.sql.FaultyDataSource;
import dev.manyhands.store.sql.FaultyDataSource.Fault;
import dev.manyhands.store.sql.StepPause;
import dev.manyhands.store.sql.TestClock;
import dev.manyhands.store.sql.TestDatabase;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The writer on its own: groups, guilty writes, and a database that goes and comes. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class GroupCommitTest {
  private final DatabaseKind kind;
  private final TestDatabase database;
  private final FaultyDataSource source;
  private final StepPause pause = new StepPause();
  private final LinkedBlockingQueue<Integer> commits = new LinkedBlockingQueue<>();
  private GroupCommit writer;

  GroupCommitTest(DatabaseKind kind) {
    this.kind = kind;
    this.database = TestDatabase.fresh(kind);
    this.source = new FaultyDataSource(DataSources.of(database.settings()).writer());
  }

  @BeforeEach
  void start() throws Exception {
    database
        .open(new TestClock())
        .close(); // makes the tables by which the writer knows its commits
    try (var connection = source.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE note (id BIGINT PRIMARY KEY)");
    }
    var session = new WriterSession(source, kind.dialect());
    new Admission(session, Pause.SLEEP).await(Ownership.DEFAULT_PATIENCE);
    session.claim();
    writer = new GroupCommit(session, kind.dialect(), pause, (rows, took) -> commits.add(rows));
  }

  @AfterEach
  void close() {
    source.set(Fault.NONE);
    pause.end();
    writer.close();
    database.close();
  }

  @Test
  void whatArrivesDuringACommitSharesTheNext() throws Exception {
    CountDownLatch release = occupyWriter();
    var notes = notes(OnOutage.WAIT, 0, 1_000);
    release.countDown();

    all(notes).join();

    assertThat(commits).containsExactly(1, WriteQueue.MAX_GROUP_WRITES, 1_000 - 512);
    assertThat(count()).isEqualTo(1_000);
  }

  @Test
  void aGroupIsBoundedInBytesToo() throws Exception {
    CountDownLatch release = occupyWriter();
    var notes = new ArrayList<CompletableFuture<Integer>>();
    for (long size : new long[] {3L << 20, 3L << 20, 3L << 20, 100L << 20, 1}) {
      long id = notes.size();
      notes.add(writer.write(OnOutage.WAIT, size, transaction -> insert(transaction, id)));
    }
    release.countDown();

    all(notes).join();

    assertThat(commits).containsExactly(1, 2, 1, 1, 1);
  }

  @Test
  void aGuiltyWriteHarmsOnlyItself() throws Exception {
    CountDownLatch release = occupyWriter();
    var before = notes(OnOutage.WAIT, 0, 5);
    var guilty = note(OnOutage.WAIT, 3);
    var bug =
        writer.write(
            OnOutage.FAIL,
            0,
            transaction -> {
              insert(transaction, 77);
              throw new IllegalStateException("a bug");
            });
    var after = notes(OnOutage.FAIL, 5, 10);
    release.countDown();

    all(before).join();
    all(after).join();
    assertThatThrownBy(guilty::join).hasCauseInstanceOf(StoreException.class);
    assertThatThrownBy(bug::join)
        .hasCauseInstanceOf(StoreException.class)
        .hasRootCauseMessage("a bug");
    assertThat(count()).isEqualTo(10);
  }

  @Test
  void futuresCompleteInOrderEvenAfterAGuiltyOne() throws Exception {
    CountDownLatch release = occupyWriter();
    var order = new ArrayList<Integer>(); // filled by the writer alone
    var all = new ArrayList<CompletableFuture<?>>();
    for (int i = 0; i < 1_200; i++) {
      int number = i;
      long id = i == 40 || i == 900 ? 0 : i;
      all.add(note(OnOutage.WAIT, id).handle((done, failure) -> order.add(number)));
    }
    release.countDown();

    all(all).join();

    assertThat(order).isSorted().hasSize(1_200);
    assertThat(count()).isEqualTo(1_198);
  }

  @Test
  void aDeadConnectionIsReplacedWithoutTurningAnybodyDown() {
    note(OnOutage.FAIL, 1).join();
    source.breakOpenConnections();

    note(OnOutage.FAIL, 2).join();

    assertThat(source.opened()).isEqualTo(3); // the test's own, the broken one and its successor
    assertThat(count()).isEqualTo(2);
  }

  @Test
  void aConflictWithOthersIsTriedAgainAndNobodyNotices() {
    note(OnOutage.FAIL, 1).join(); // opens the connection
    source.set(Fault.CONFLICT);

    note(OnOutage.FAIL, 2).join();

    assertThat(count()).isEqualTo(2);
    assertThat(writer.whyAway()).isNull();
  }

  @Test
  void acceptedWritesOutliveADatabaseThatIsAwayAndOthersFailAtOnce() {
    note(OnOutage.FAIL, 0).join();
    source.set(Fault.GONE);

    var accepted = note(OnOutage.WAIT, 1);
    assertThat(pause.awaitBegun()).isEqualTo(Outage.FIRST_PAUSE);
    var later = notes(OnOutage.WAIT, 2, 700);
    var offered = note(OnOutage.FAIL, 1_000);

    assertThat(offered).isCompletedExceptionally();
    assertThatThrownBy(offered::join).hasCauseInstanceOf(StoreException.class);
    assertThat(writer.whyAway()).isNotNull();
    for (long expected : new long[] {100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000}) {
      pause.end();
      assertThat(pause.awaitBegun()).isEqualTo(Duration.ofMillis(expected));
    }
    assertThat(accepted).isNotDone();

    source.set(Fault.NONE);
    pause.end();
    accepted.join();
    all(later).join();
    note(OnOutage.FAIL, 1_001).join();
    assertThat(writer.whyAway()).isNull();
    assertThat(count()).isEqualTo(701);
  }

  @Test
  void anOfferInTheGroupThatFindsTheDatabaseAwayFailsToo() throws Exception {
    CountDownLatch release = occupyWriter();
    var offered = note(OnOutage.FAIL, 1);
    var accepted = note(OnOutage.WAIT, 2);
    source.set(Fault.GONE); // the commit in progress finds out
    release.countDown();
    pause.awaitBegun();

    assertThatThrownBy(offered::join).hasCauseInstanceOf(StoreException.class);
    source.set(Fault.NONE);
    pause.end();

    accepted.join();
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void whenOnlyOffersFoundItAwayTheNextOneTriesAgain() {
    source.set(Fault.GONE);
    assertThatThrownBy(note(OnOutage.FAIL, 1)::join).hasCauseInstanceOf(StoreException.class);

    source.set(Fault.NONE);

    note(OnOutage.FAIL, 2).join();
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void aCommitThatDidNotHappenIsRunAgain() {
    source.set(Fault.COMMIT_LOST);
    var accepted = note(OnOutage.WAIT, 1);
    pause.awaitBegun();
    source.set(Fault.NONE);
    pause.end();

    assertThat(accepted.join()).isEqualTo(1);
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void aCommitWhoseAnswerWasLostIsNotRunTwice() {
    if (kind == DatabaseKind.SQLITE) {
      return; // there is no network to lose it on
    }
    source.set(Fault.COMMIT_ANSWER_LOST);
    var accepted = note(OnOutage.WAIT, 1);
    pause.awaitBegun();
    var later = note(OnOutage.WAIT, 2);
    source.set(Fault.NONE);
    pause.end();

    assertThat(accepted.join()).as("not a duplicate of itself").isEqualTo(1);
    assertThat(later.join()).isEqualTo(1);
    assertThat(count()).isEqualTo(2);
  }

  @Test
  void anOfferThatWasCommittedAfterItWasTurnedDownIsTakenBack() {
    if (kind == DatabaseKind.SQLITE) {
      return; // there is no network to lose the answer on
    }
    source.set(Fault.COMMIT_ANSWER_LOST);
    var offered =
        writer.write(
            new Write<>(
                OnOutage.FAIL,
                0,
                transaction -> insert(transaction, 2),
                (transaction, inserted) ->
                    transaction.update("DELETE FROM note WHERE id = ?", 2L)));
    assertThatThrownBy(offered::join).hasCauseInstanceOf(StoreException.class);
    pause.awaitBegun();
    source.set(Fault.NONE);
    pause.end();

    note(OnOutage.WAIT, 3).join();
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void whileTheDatabaseIsSilentOffersAreTurnedDownAndWhatIsCommittedOfThemIsTakenBack()
      throws Exception {
    var inside = new CountDownLatch(1);
    var silence = new CountDownLatch(1);
    var offered =
        writer.write(
            new Write<>(
                OnOutage.FAIL,
                0,
                transaction -> {
                  inside.countDown();
                  awaitUninterrupted(silence);
                  return insert(transaction, 1);
                },
                (transaction, inserted) ->
                    transaction.update("DELETE FROM note WHERE id = ?", 1L)));
    inside.await();
    var accepted = note(OnOutage.WAIT, 2);
    var queued = note(OnOutage.FAIL, 3);

    assertThatThrownBy(() -> offered.get(30, TimeUnit.SECONDS)).hasMessageContaining("answered");
    assertThatThrownBy(() -> queued.get(30, TimeUnit.SECONDS)).hasMessageContaining("answered");
    assertThat(note(OnOutage.FAIL, 4)).isCompletedExceptionally();
    assertThat(writer.whyAway()).isNotNull();
    assertThat(accepted).isNotDone();
    silence.countDown();

    assertThat(accepted.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    note(OnOutage.FAIL, 5).get(30, TimeUnit.SECONDS);
    assertThat(writer.whyAway()).isNull();
    assertThat(count()).as("notes 2 and 5").isEqualTo(2);
  }

  @Test
  void aWriteThatReadsALotIsNotTakenForSilence() throws Exception {
    var end = new CountDownLatch(1);
    var start =
        writer.write(
            Write.ofAnyLength(
                OnOutage.FAIL,
                0,
                transaction -> {
                  awaitUninterrupted(end);
                  return insert(transaction, 1);
                }));
    assertThatThrownBy(() ->
            start.get(GroupCommit.LONGEST_SILENCE.plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    end.countDown();
    assertThat(start.get(30, TimeUnit.SECONDS)).isEqualTo(1);
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aRowThatSomebodyElseLocksMakesTheDatabaseCountAsAway() throws Exception {
    if (kind == DatabaseKind.SQLITE) {
      return; // others can lock all of it only: a conflict
    }
    note(OnOutage.FAIL, 1).join();
    CompletableFuture<Integer> accepted;
    try (var other = DataSources.of(database.settings()).writer().getConnection();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT id FROM note WHERE id = 1 FOR UPDATE");
      accepted =
          writer.write(
              OnOutage.WAIT,
              0,
              transaction -> transaction.update("UPDATE note SET id = 2 WHERE id = 1"));
      pause.awaitBegun();

      assertThat(writer.whyAway()).hasMessageContaining("lock timeout");
      assertThatThrownBy(note(OnOutage.FAIL, 3)::join).hasCauseInstanceOf(StoreException.class);
      other.rollback();
    }
    pause.end();
    assertThat(accepted.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(source.opened()).as("its connection was good").isEqualTo(2);
  }

  @Test
  void closingDrainsWhatIsQueued() throws Exception {
    CountDownLatch release = occupyWriter();
    var notes = notes(OnOutage.FAIL, 0, 2_000);
    release.countDown();

    writer.close();

    assertThat(notes).allMatch(CompletableFuture::isDone);
    all(notes).join();
    assertThatThrownBy(note(OnOutage.WAIT, 5_000)::join).hasCauseInstanceOf(StoreException.class);
    assertThat(count()).isEqualTo(2_000);
  }

  @Test
  void closingGivesUpOnADatabaseThatStaysAway() {
    source.set(Fault.GONE);
    var accepted = note(OnOutage.WAIT, 1);
    pause.awaitBegun();

    writer.close(Duration.ofMillis(1));

    assertThatThrownBy(accepted::join).hasCauseInstanceOf(StoreException.class);
  }

  /** The writer is in a transaction, and stays there until the latch falls. */
  private CountDownLatch occupyWriter() throws InterruptedException {
    var inside = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var _ =
        writer.write(
            OnOutage.WAIT,
            0,
            transaction -> {
              inside.countDown();
              try {
                release.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return 0;
            });
    inside.await();
    return release;
  }

  private List<CompletableFuture<Integer>> notes(OnOutage whenAway, long first, long end) {
    var notes = new ArrayList<CompletableFuture<Integer>>();
    for (long id = first; id < end; id++) {
      notes.add(note(whenAway, id));
    }
    return notes;
  }

  private CompletableFuture<Integer> note(OnOutage whenAway, long id) {
    return writer.write(whenAway, 100, transaction -> insert(transaction, id));
  }

  private static int insert(Transaction transaction, long id) throws SQLException {
    return transaction.update("INSERT INTO note (id) VALUES (?)", id);
  }

  private static CompletableFuture<Void> all(List<? extends CompletableFuture<?>> futures) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
  }

  private long count() {
    try (var connection = DataSources.of(database.settings()).writer().getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT COUNT(*) FROM note")) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
