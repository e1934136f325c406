package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.ended;
import static dev.manyhands.store.sql.TestJobs.error;
import static dev.manyhands.store.sql.TestJobs.inputs;
import static dev.manyhands.store.sql.TestJobs.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.Failures;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The life of a job in the store, as the port describes it. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class JobStoreTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private JobStore store;

  JobStoreTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    store = database.open(new TestClock()).jobs();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  @Test
  void aSubmittedJobIsFoundAsItWas() {
    Job job = jobs.job(TestJobs.GCD, 3, Map.of("team", "números", "x", ""));

    var submission = store.submit(job, inputs(0, 3), null).join();

    assertThat(submission).isEqualTo(new JobStore.Submission(job.id(), true, true));
    assertThat(store.find(job.id())).contains(job);
    assertThat(store.find(jobs.nextId())).isEmpty();
  }

  @Test
  void aJobIsSubmittedWholeOrNotAtAll() {
    Job job = jobs.job(6);
    store.addInputs(job.id(), inputs(0, 3)).join();
    var key = new JobStore.IdempotencyKey("key", "a");

    var twice = store.submit(job, inputs(0, 3), key);

    assertThatThrownBy(twice::join).hasCauseInstanceOf(StoreException.class);
    assertThat(store.find(job.id())).isEmpty();
    assertThat(store.findByKey(key).join()).isEmpty();
    assertThat(store.submit(job, inputs(3, 6), key).join().created()).isTrue();
  }

  @Test
  void inputsAreFoundByAnyOfTheirItems() {
    Job job = jobs.job(7);
    store.addInputs(job.id(), inputs(0, 3));
    store.addInputs(job.id(), inputs(3, 5));
    store.submit(job, inputs(5, 7), null).join();

    for (long index = 0; index < 7; index++) {
      var expected = index < 3 ? inputs(0, 3) : index < 5 ? inputs(3, 5) : inputs(5, 7);
      assertThat(store.inputsAt(job.id(), index)).usingRecursiveComparison().isEqualTo(expected);
    }
    assertThatThrownBy(() -> store.inputsAt(job.id(), 7))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining(job.id().toString());
  }

  @Test
  void inputsOfAJobThatDoesNotComeAreDropped() throws Exception {
    JobId id = jobs.nextId();
    for (int i = 0; i < 3 * Sweep.SLICE_ROWS; i++) {
      store.addInputs(id, inputs(i, i + 1));
    }

    store.dropInputs(id).join();

    assertThat(database.number("SELECT COUNT(*) FROM input_segment")).isZero();
  }

  @Test
  void inputsOfAJobThatCameAreNotDropped() {
    Job job = submitted(3);

    store.dropInputs(job.id()).join();

    assertThat(store.inputsAt(job.id(), 0).items()).isEqualTo(new ItemRange(0, 3));
  }

  /** The row of such a job is written once: the end has the time of the start. */
  @Test
  void aShortJobIsStoredWithItsStart() {
    Job job = submitted(3);
    JobStatus end =
        ended(JobState.SUCCEEDED, 3, 3).toBuilder()
            .startedAt(TestClock.START)
            .finishedAt(TestClock.START.plusMillis(5))
            .build();
    var answers = new ArrayList<CompletableFuture<?>>();

    store.together(() -> {
      answers.add(store.started(job.id(), FIRST_VERSION, TestClock.START));
      answers.add(store.record(job.id(), FIRST_VERSION, report(0, 3)));
      answers.add(store.finish(job.id(), FIRST_VERSION, end));
    });

    assertThat(answers.get(0).join()).isEqualTo(true);
    assertThat(answers.get(1).join()).isEqualTo(true);
    assertThat(store.find(job.id()).orElseThrow().status()).isEqualTo(end);
    assertThat(store.started(job.id(), FIRST_VERSION, TestClock.START).join()).isFalse();
  }

  @Test
  void theFirstStartIsTheOneThatCounts() {
    Job job = submitted(3);

    assertThat(store.started(job.id(), FIRST_VERSION, TestClock.START).join()).isTrue();
    store.started(job.id(), FIRST_VERSION, TestClock.START.plusSeconds(9)).join();

    JobStatus status = store.find(job.id()).orElseThrow().status();
    assertThat(status.state()).isEqualTo(JobState.RUNNING);
    assertThat(status.startedAt()).isEqualTo(TestClock.START);
  }

  @Test
  void outcomesComeBackInInputOrderAsTheyWereReported() {
    Job job = submitted(10);
    OutcomeReport late = report(6, 10, error(7), error(9));
    OutcomeReport early = report(0, 4);

    assertThat(store.record(job.id(), FIRST_VERSION, late).join()).isTrue();
    assertThat(store.record(job.id(), FIRST_VERSION, early).join()).isTrue();

    ReportAssert.assertSame(outcomes(job, 0, 10), early, late);
  }

  @Test
  void onlyReportsThatTouchTheItemsAreHandedOver() {
    Job job = submitted(10);
    OutcomeReport a = report(0, 4);
    OutcomeReport b = report(4, 6);
    OutcomeReport c = report(8, 10);
    List.of(a, b, c).forEach(report -> store.record(job.id(), FIRST_VERSION, report).join());

    ReportAssert.assertSame(outcomes(job, 3, 5), a, b);
    ReportAssert.assertSame(outcomes(job, 4, 6), b);
    ReportAssert.assertSame(outcomes(job, 6, 8));
    ReportAssert.assertSame(outcomes(job, 5, 9), b, c);
    ReportAssert.assertSame(outcomes(job, 9, 100), c);
    Job nowhere = jobs.job(3);
    assertThatThrownBy(() -> outcomes(nowhere, 0, 3)).isInstanceOf(JobGoneException.class);
  }

  @Test
  void manyReportsOfAllSizesAreHandedOverEachOnce() {
    Job job = submitted(2_000);
    var lengths = new ArrayList<Long>();
    for (long i = 0; i < 1_000; i++) {
      long count = i % 100 == 0 ? 2 : 1;
      lengths.add(count);
    }
    long first = 0;
    CompletableFuture<Boolean> last = null;
    for (long count : lengths) {
      last = store.record(job.id(), FIRST_VERSION, report(first, first + count));
      first += count;
    }
    assertThat(last.join()).isTrue();

    assertThat(outcomes(job, 0, 2_000).stream().map(report -> report.outcomes().items().count()))
        .isEqualTo(lengths);
  }

  @Test
  void errorsComeInTheOrderOfItemsWhileMoreAreWanted() {
    Job job = submitted(100);
    var failed = new ArrayList<Long>();
    for (long first = 90; first >= 0; first -= 10) {
      boolean hasErrors = first % 20 == 0;
      OutcomeReport report =
          hasErrors
              ? report(first, first + 10, error(first + 2), error(first + 9))
              : report(first, first + 10);
      store.record(job.id(), FIRST_VERSION, report).join();
      if (hasErrors) {
        failed.addAll(0, List.of(first + 2, first + 9));
      }
    }

    assertThat(errors(job, 100)).isEqualTo(failed);
    assertThat(errors(job, 3)).isEqualTo(failed.subList(0, 3));
    assertThat(errors(job, new ItemRange(3, 29), 100)).containsExactly(9L, 22L);
    assertThat(errors(job, new ItemRange(30, 42), 100)).isEmpty();
    assertThat(errors(job, new ItemRange(82, 100), 100)).containsExactly(82L, 89L);
    Job nowhere = jobs.job(3);
    assertThatThrownBy(() -> errors(nowhere, 1)).isInstanceOf(JobGoneException.class);
  }

  private List<Long> errors(Job job, int most) {
    return errors(job, new ItemRange(0, job.status().tally().total()), most);
  }

  private List<Long> errors(Job job, ItemRange items, int most) {
    var indexes = new ArrayList<Long>();
    store.failedItems(
        job.id(),
        items,
        failed -> {
          indexes.add(failed.error().index());
          assertThat(failed.report().outcomes().items().contains(failed.error().index())).isTrue();
          assertThat(failed.report().worker()).isEqualTo(3);
          return indexes.size() < most;
        });
    return indexes;
  }

  @Test
  void chunkReportsSayAllButTheValues() {
    Job job = submitted(10);
    store.record(job.id(), FIRST_VERSION, report(6, 10, error(7), error(9))).join();
    store.record(job.id(), FIRST_VERSION, report(0, 4)).join();

    assertThat(chunkReports(job)).containsExactly(chunkReport(0, 4, 0), chunkReport(6, 10, 2));
    Job nowhere = jobs.job(3);
    assertThatThrownBy(() -> chunkReports(nowhere)).isInstanceOf(JobGoneException.class);
  }

  @Test
  void timesOfItemsAreKept() {
    Job job = submitted(10);
    var times =
        new ItemTimes(
            List.of(
                new ItemTimes.Run(0, 1_000_000_000_000L, 5, false),
                new ItemTimes.Run(495, 0, 0, false)));
    var cost = new Outcomes.Cost(1, 0, 0, 4096L, 0.125, times);
    store.record(job.id(), FIRST_VERSION, withCost(report(2, 4, error(3)), cost)).join();
    store.record(job.id(), FIRST_VERSION, report(0, 1)).join();

    assertThat(chunkReports(job).getFirst().cost().times()).isNull();
    assertThat(chunkReports(job).get(1).cost().times().runs())
        .containsExactly(
            new ItemTimes.Run(0, 1_000_000_000_000L, 5, false), new ItemTimes.Run(495, 0, 0, true));
    assertThat(chunkReports(job).get(1).cost().peakRss()).isEqualTo(4096);
    assertThat(chunkReports(job).get(1).cost().cpu()).isEqualTo(0.125);
    assertThat(chunkReports(job).getFirst().cost().cpu()).isNull();
  }

  private static OutcomeReport withCost(OutcomeReport report, Outcomes.Cost cost) {
    return report.withOutcomes(report.outcomes().withCost(cost));
  }

  @Test
  void chunkReportsOfAnyNumberAreHandedOverEachOnce() {
    Job job = submitted(2_000);
    CompletableFuture<Boolean> last = null;
    for (long i = 0; i < 2_000; i++) {
      last = store.record(job.id(), FIRST_VERSION, report(i, i + 1));
      if (i == 999 || i == 1_000 || i == 1_999) { // at a slice's end, behind it, at the next one's
        assertThat(last.join()).isTrue();
        assertThat(chunkReports(job).stream().map(report -> report.items().first()))
            .isEqualTo(LongStream.rangeClosed(0, i).boxed().toList());
      }
    }
  }

  private static ChunkReport chunkReport(long first, long end, long failed) {
    OutcomeReport whole = report(first, end);
    return new ChunkReport(
        whole.outcomes().items(),
        failed,
        whole.outcomes().cost(),
        whole.worker(),
        whole.pid(),
        whole.startedAt(),
        whole.finishedAt(),
        whole.attempt());
  }

  @Test
  void aReaderMayReadOnWhileItIsHandedReports() {
    Job job = submitted(100);
    for (long i = 0; i < 100; i++) {
      store.record(job.id(), FIRST_VERSION, report(i, i + 1)).join();
    }
    var seen = new ArrayList<Long>();

    // More levels deep than there are connections.
    class Nested {
      void read(long index) {
        if (index < 20) {
          store.outcomes(
              job.id(),
              new ItemRange(index, index + 1),
              report -> {
                seen.add(report.outcomes().items().first());
                read(index + 1);
              });
        }
      }
    }
    new Nested().read(0);

    assertThat(seen).hasSize(20);
  }

  @Test
  void overlappingOutcomesAreRefusedWhole() {
    Job job = submitted(100);
    assertThat(store.record(job.id(), FIRST_VERSION, report(20, 50)).join()).isTrue();

    for (var overlap :
        List.of(
            new ItemRange(20, 50),
            new ItemRange(0, 100),
            new ItemRange(0, 21),
            new ItemRange(49, 60),
            new ItemRange(30, 31),
            new ItemRange(20, 21),
            new ItemRange(49, 50))) {
      assertThat(
              store.record(job.id(), FIRST_VERSION, report(overlap.first(), overlap.end())).join())
          .as("%s", overlap)
          .isFalse();
    }
    assertThat(store.record(job.id(), FIRST_VERSION, report(0, 20)).join()).isTrue();
    assertThat(store.record(job.id(), FIRST_VERSION, report(50, 100)).join()).isTrue();
    assertThat(outcomes(job, 0, 100)).hasSize(3);
  }

  @Test
  void overlapsInTheSameGroupAreRefusedToo() {
    Job job = submitted(1_000);
    var recorded = new ArrayList<CompletableFuture<Boolean>>();
    for (int i = 0; i < 500; i++) {
      recorded.add(store.record(job.id(), FIRST_VERSION, report(i, i + 2)));
    }

    CompletableFuture.allOf(recorded.toArray(CompletableFuture[]::new)).join();

    for (int i = 0; i < 500; i++) {
      assertThat(recorded.get(i).join()).isEqualTo(i % 2 == 0);
    }
  }

  @Test
  void outcomesOfOneJobDoNotHinderAnother() {
    Job one = submitted(3);
    Job other = submitted(3);

    assertThat(store.record(one.id(), FIRST_VERSION, report(0, 3)).join()).isTrue();
    assertThat(store.record(other.id(), FIRST_VERSION, report(0, 3)).join()).isTrue();
  }

  @Test
  void aWriteUnderAnotherVersionChangesNothing() {
    Job job = submitted(3);
    for (long stale : new long[] {FIRST_VERSION - 1, FIRST_VERSION + 1}) {
      assertThat(store.started(job.id(), stale, TestClock.START).join()).isFalse();
      assertThat(store.record(job.id(), stale, report(0, 3)).join()).isFalse();
      assertThat(store.finish(job.id(), stale, ended(JobState.FAILED, 0, 3)).join()).isEmpty();
    }
    assertThat(store.find(job.id())).contains(job);
    assertThat(outcomes(job, 0, 3)).isEmpty();
  }

  @Test
  void aJobThatIsGoneOrHasEndedTakesNothingMore() {
    Job ended = submitted(3);
    JobStatus end = ended(JobState.CANCELLED, 0, 3);
    assertThat(store.finish(ended.id(), FIRST_VERSION, end).join()).isPresent();

    for (JobId id : List.of(ended.id(), jobs.nextId())) {
      assertThat(store.started(id, FIRST_VERSION, TestClock.START).join()).isFalse();
      assertThat(store.record(id, FIRST_VERSION, report(0, 3)).join()).isFalse();
      assertThat(store.record(id, 0, report(0, 3)).join()).isFalse();
      assertThat(store.finish(id, FIRST_VERSION, ended(JobState.FAILED, 0, 3)).join()).isEmpty();
    }
    assertThat(store.find(ended.id()).orElseThrow().status()).isEqualTo(end);
    assertThat(outcomes(ended, 0, 3)).isEmpty();
  }

  @Test
  void theFenceHoldsInsideAGroup() {
    Job job = submitted(9);

    var before = store.record(job.id(), FIRST_VERSION, report(0, 3));
    var end =
        store
            .finish(job.id(), FIRST_VERSION, ended(JobState.CANCELLED, 3, 9))
            .thenApply(Optional::isPresent);
    var after = store.record(job.id(), FIRST_VERSION, report(3, 6));
    var deleted = store.delete(job.id());
    var gone = store.record(job.id(), FIRST_VERSION, report(6, 9));

    assertThat(List.of(before.join(), end.join(), after.join(), deleted.join(), gone.join()))
        .containsExactly(true, true, false, true, false);
  }

  @Test
  void theEndIsKeptAsItWas() {
    Job job = submitted(5);
    var error = new JobError("FUNCTION_NOT_LOADED", "no module named x", "line 1\nline 2");
    var end =
        JobStatus.builder(JobState.FAILED, new Tally(5, 2, 1, 2, 3, 0.1 + 0.2, 1, 1))
            .startedAt(TestClock.START)
            .finishedAt(TestClock.START.plusNanos(1_000))
            .workersUsed(4)
            .stopReason("stopWhen")
            .error(error)
            .result("{\"index\":3,\"value\":[]}")
            .chunkSizes(new ChunkSizes(1, 3, Map.of(ChunkSizes.Why.TAIL, 2L)))
            .failures(Failures.NONE.plus(List.of(error(3))))
            .build();

    assertThat(store.finish(job.id(), FIRST_VERSION, end).join()).isPresent();

    assertThat(store.find(job.id())).contains(job.withStatus(end));
    assertThat(store.summary(job.id()).orElseThrow().status()).isEqualTo(end.withResult(null));
  }

  @Test
  void onlyAnEndedJobIsDeletedAndThenAllOfIt() throws Exception {
    var key = new JobStore.IdempotencyKey("key", "a");
    Job job = jobs.job(TestJobs.GCD, 400, Map.of("a", "b"));
    store.submit(job, inputs(0, 400), key).join();
    for (long i = 0; i < 400; i++) {
      store.record(job.id(), FIRST_VERSION, report(i, i + 1));
    }
    assertThat(store.delete(job.id()).join()).isFalse();
    assertThat(store.find(job.id())).isPresent();

    var end =
        ended(JobState.SUCCEEDED, 400, 400).toBuilder()
            .failures(Failures.NONE.plus(List.of(error(3))))
            .build();
    store.finish(job.id(), FIRST_VERSION, end).join();
    assertThat(database.number("SELECT COUNT(*) FROM job_failures")).isEqualTo(1);
    assertThat(store.delete(job.id()).join()).isTrue();
    assertThat(store.delete(job.id()).join()).isFalse();
    store.dropInputs(job.id()).join(); // queues behind the sweep that the deletion began

    assertThat(store.find(job.id())).isEmpty();
    assertThat(store.findByKey(key).join()).isEmpty();
    assertThatThrownBy(() -> outcomes(job, 0, 400)).isInstanceOf(JobGoneException.class);
    assertThat(database.number("SELECT COUNT(*) FROM outcome")).isZero();
    assertThat(database.number("SELECT COUNT(*) FROM input_segment")).isZero();
    assertThat(database.number("SELECT COUNT(*) FROM job_failures")).isZero();
  }

  @Test
  void futuresCompleteInTheOrderOfTheCalls() {
    var order = new ArrayList<Integer>(); // filled by the writer alone
    var all = new ArrayList<CompletableFuture<?>>();
    Job job = submitted(3_000);
    for (int i = 0; i < 3_000; i++) {
      int number = i;
      all.add(
          (i % 10 == 0
                  ? store.submit(jobs.job(1), inputs(0, 1), null)
                  : store.record(job.id(), FIRST_VERSION, report(i, i + 1)))
              .thenRun(() -> order.add(number)));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();

    assertThat(order).isSorted().hasSize(3_000);
  }

  @Test
  void aFinishThatIsNoEndIsABug() {
    Job job = submitted(1);
    assertThatThrownBy(() -> store.finish(job.id(), FIRST_VERSION, JobStatus.queued(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void afterCloseNothingIsAccepted() {
    store.close();

    assertThatThrownBy(() -> store.submit(jobs.job(1), null, null).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(StoreException.class);
    store.close();
  }

  @Test
  void itAnswersAPing() {
    store.ping();
  }

  private Job submitted(long items) {
    Job job = jobs.job(items);
    store.submit(job, inputs(0, items), null).join();
    return job;
  }

  private List<ChunkReport> chunkReports(Job job) {
    var reports = new ArrayList<ChunkReport>();
    store.chunkReports(job.id(), reports::add);
    return reports;
  }

  private List<OutcomeReport> outcomes(Job job, long first, long end) {
    var reports = new ArrayList<OutcomeReport>();
    store.outcomes(job.id(), new ItemRange(first, end), reports::add);
    return reports;
  }
}
