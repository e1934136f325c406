package dev.manyhands.store.sql;

import static dev.manyhands.model.ChunkSizes.Why.BEFORE_RESTART;
import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.ended;
import static dev.manyhands.store.sql.TestJobs.error;
import static dev.manyhands.store.sql.TestJobs.inputs;
import static dev.manyhands.store.sql.TestJobs.report;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.Failures;
import dev.manyhands.model.Grant;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemError.Kind;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The state that the service finds when it starts again. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class TakeoverTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private JobStore store;

  TakeoverTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
    this.store = open();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  @Test
  void anEmptyStoreHasNothingToGrant() {
    assertThat(store.grantUnfinished()).isEmpty();
  }

  @Test
  void unfinishedJobsAreGrantedUnderTheirNextVersionInOrderOfSubmission() {
    Job queued = submitted(3);
    Job ended = submitted(3);
    Job running = submitted(3);
    store.started(running.id(), FIRST_VERSION, TestClock.START).join();
    store.finish(ended.id(), FIRST_VERSION, ended(JobState.SUCCEEDED, 3, 3)).join();

    List<Grant> grants = restarted().grantUnfinished();

    assertThat(grants)
        .containsExactly(
            new Grant(queued, FIRST_VERSION + 1, List.of(), Tally.ofTotal(3), List.of()),
            new Grant(
                store.find(running.id()).orElseThrow(),
                FIRST_VERSION + 1,
                List.of(),
                Tally.ofTotal(3),
                List.of()));
    assertThat(grants.getLast().job().status().startedAt()).isEqualTo(TestClock.START);
    assertThat(restarted().grantUnfinished())
        .extracting(Grant::version)
        .containsExactly(FIRST_VERSION + 2, FIRST_VERSION + 2);
  }

  @Test
  void whatWasDoneUnderEarlierVersionsCounts() {
    Job job = submitted(20);
    store.record(job.id(), FIRST_VERSION, report(0, 2));
    store.record(job.id(), FIRST_VERSION, report(9, 12, error(9), error(11)));
    store.record(job.id(), FIRST_VERSION, report(5, 9)).join();

    Grant first = restarted().grantUnfinished().getFirst();

    assertThat(first.done()).containsExactly(new ItemRange(0, 2), new ItemRange(5, 12));
    assertThat(first.tally()).isEqualTo(new Tally(20, 7, 2, 0, 3, 1.5, 0, 0));
    assertThat(first.job().status().tally()).isEqualTo(first.tally());

    assertThat(store.record(job.id(), FIRST_VERSION, report(2, 5)).join()).isFalse();
    assertThat(store.record(job.id(), first.version(), report(8, 14)).join()).isFalse();
    assertThat(store.record(job.id(), first.version(), report(2, 5)).join()).isTrue();

    Grant second = restarted().grantUnfinished().getFirst();
    assertThat(second.done()).containsExactly(new ItemRange(0, 12));
    assertThat(second.tally()).isEqualTo(new Tally(20, 10, 2, 0, 4, 2.0, 0, 0));
    var end = ended(JobState.SUCCEEDED, 10, 20);
    assertThat(store.finish(job.id(), first.version(), end).join()).isEmpty();
    assertThat(store.finish(job.id(), second.version(), end).join()).isPresent();
  }

  @Test
  void failuresOfEarlierVersionsAreCountedAgain() {
    Job job = submitted(100);
    var expected = Failures.NONE;
    for (long i = 98; i >= 0; i -= 2) {
      // Messages of 100 kB, so that the rows do not fit into one slice.
      var error = new ItemError(i, Kind.ERROR, "Type" + i % 3, i + "m".repeat(100_000), null, 1);
      store.record(job.id(), FIRST_VERSION, report(i, i + 2, error)).join();
    }
    for (long i = 0; i < 100; i += 2) {
      var error = new ItemError(i, Kind.ERROR, "Type" + i % 3, i + "m".repeat(100_000), null, 1);
      expected = expected.plus(List.of(error));
    }

    var status = restarted().grantUnfinished().getFirst().job().status();

    assertThat(status.failures()).isEqualTo(expected);
    assertThat(status.failures().groups())
        .extracting(group -> group.count())
        .containsExactly(17L, 17L, 16L);
    assertThat(status.failures().others(status.tally().failed())).isZero();
  }

  @Test
  void figuresOfEarlierVersionsAreWorkedOutFromTheirReports() {
    Job job = submitted(20);
    record(job, 0, 2, 1, 0, 10);
    record(job, 2, 5, 1, 10, 20); // at once with worker 2, and not with the report before
    record(job, 5, 6, 2, 10, 30);
    record(job, 6, 10, 3, 20, 40);
    record(job, 10, 12, 4, 29, 31); // at once with workers 2 and 3
    record(job, 12, 13, OutcomeReport.SERVICE, 0, 40);
    record(job, 13, 14, 1, 40, 50);

    var status = restarted().grantUnfinished().getFirst().job().status();

    assertThat(status.workersUsed()).isEqualTo(3);
    assertThat(status.tally().chunks()).isEqualTo(7);
    assertThat(status.chunkSizes()).isEqualTo(new ChunkSizes(1, 4, Map.of(BEFORE_RESTART, 7L)));
  }

  private void record(Job job, long first, long end, long worker, long from, long to) {
    var report =
        new OutcomeReport(
            report(first, end).outcomes(),
            worker,
            4711,
            TestClock.START.plusMillis(from),
            TestClock.START.plusMillis(to),
            1);
    assertThat(store.record(job.id(), FIRST_VERSION, report).join()).isTrue();
  }

  @Test
  void inputsWhoseJobNeverCameAreDropped() throws Exception {
    JobId orphan = jobs.nextId();
    Job job = submitted(3);
    for (int i = 0; i < 2 * Sweep.SLICE_ROWS; i++) {
      store.addInputs(orphan, inputs(i, i + 1));
    }
    store.addInputs(jobs.nextId(), inputs(0, 5)).join();

    restarted().grantUnfinished();
    store.dropInputs(orphan).join(); // queues behind the sweep that the start began

    assertThat(
            database.number("SELECT COUNT(*) FROM input_segment WHERE job_id = '" + orphan + "'"))
        .isZero();
    assertThat(store.inputsAt(job.id(), 0).items()).isEqualTo(new ItemRange(0, 3));
  }

  @Test
  void aMillionItemsInTenThousandReportsMergeIntoTheirRanges() {
    Job job = jobs.job(1_000_000);
    store.submit(job, null, null).join();
    var chunks = new ArrayList<Long>();
    for (long first = 0; first < 1_000_000; first += 100) {
      if (first != 500_000) {
        chunks.add(first);
      }
    }
    Collections.shuffle(chunks, new Random(11));
    byte[] values = TestJobs.values(0, 100);
    CompletableFuture<Boolean> last = null;
    for (long first : chunks) {
      var items = ItemRange.ofCount(first, 100);
      var outcomes = new Outcomes(items, values, List.of(), new Outcomes.Cost(0.25, 0, 0));
      last = store.record(job.id(), FIRST_VERSION, report(outcomes));
    }
    assertThat(last.join()).isTrue();

    Grant grant = restarted().grantUnfinished().getFirst();

    assertThat(grant.done())
        .containsExactly(new ItemRange(0, 500_000), new ItemRange(500_100, 1_000_000));
    assertThat(grant.tally()).isEqualTo(new Tally(1_000_000, 999_900, 0, 0, 9_999, 2_499.75, 0, 0));
  }

  private Job submitted(long items) {
    Job job = jobs.job(items);
    store.submit(job, inputs(0, items), null).join();
    return job;
  }

  private JobStore open() {
    return database.open(new TestClock()).jobs();
  }

  private JobStore restarted() {
    store.close();
    store = open();
    return store;
  }
}
