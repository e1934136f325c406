package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.ended;
import static dev.manyhands.store.sql.TestJobs.inputs;
import static dev.manyhands.store.sql.TestJobs.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobState;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs of which an outcome cannot be stored, whatever the reason, and whose end is asked for. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class IncompleteJobTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private final JobStore store;

  IncompleteJobTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
    this.store = database.open(new TestClock()).jobs();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  private Job submitted() {
    Job job = jobs.job(10);
    store.submit(job, inputs(0, 10), null).join();
    return job;
  }

  /** A report that no row can hold. */
  private static OutcomeReport impossible() {
    OutcomeReport report = report(5, 10);
    return new OutcomeReport(
        report.outcomes(), report.worker(), report.pid(), Instant.MAX, Instant.MAX, 1);
  }

  @Test
  void aJobThatLacksAnOutcomeDoesNotSucceed() {
    Job job = submitted();
    var results = new CompletableFuture<?>[3];
    // In one group, as the last outcomes of a job and its end are.
    store.together(() -> {
      results[0] = store.record(job.id(), FIRST_VERSION, report(0, 5));
      results[1] = store.record(job.id(), FIRST_VERSION, impossible());
      results[2] = store.finish(job.id(), FIRST_VERSION, ended(JobState.SUCCEEDED, 10, 10));
    });
    assertThat(results[0].join()).isEqualTo(true);
    assertThatThrownBy(results[1]::join).hasCauseInstanceOf(StoreException.class);
    assertThatThrownBy(results[2]::join).hasMessageContaining("were not stored");
    assertThat(state(job)).isEqualTo(JobState.QUEUED);

    var failed =
        ended(JobState.SUCCEEDED, 5, 10)
            .failed("notStored", new JobError("NOT_STORED", "some are missing", null));
    assertThat(store.finish(job.id(), FIRST_VERSION, failed).join()).isPresent();
    assertThat(state(job)).isEqualTo(JobState.FAILED);
  }

  @Test
  void otherJobsAreNotConcerned() {
    Job job = submitted();
    Job other = submitted();
    assertThatThrownBy(store.record(job.id(), FIRST_VERSION, impossible())::join)
        .hasCauseInstanceOf(StoreException.class);
    assertThat(store.finish(other.id(), FIRST_VERSION, ended(JobState.SUCCEEDED, 10, 10)).join())
        .isPresent();
  }

  private JobState state(Job job) {
    return store.find(job.id()).orElseThrow().status().state();
  }
}
