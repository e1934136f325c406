package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.ended;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobSummary;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.JobQuery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Which jobs a query finds. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class JobListTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private JobStore store;
  private Job first;
  private Job second;
  private Job third;

  JobListTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void threeJobs() {
    store = database.open(new TestClock()).jobs();
    var lcm = new Function("lcm", "sha256:1", TestJobs.GCD.definition());
    first = jobs.job(TestJobs.GCD, 1, Map.of("team", "a"));
    second = jobs.job(lcm, 1, Map.of("team", "b", "urgent", "yes"));
    third = jobs.job(TestJobs.GCD, 1, Map.of("team", "b"));
    List.of(second, first, third).forEach(job -> store.submit(job, null, null).join());
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  @Test
  void newestComeFirst() {
    assertThat(list(null, null, null, null))
        .containsExactly(third.summary(), second.summary(), first.summary());
  }

  @Test
  void eachFilterLeavesOutTheOthers() {
    assertThat(list(null, "gcd", null, null)).containsExactly(third.summary(), first.summary());
    assertThat(list(null, null, "team", "b")).containsExactly(third.summary(), second.summary());
    assertThat(list(null, null, "urgent", null)).containsExactly(second.summary());
    assertThat(list(null, null, "team", "c")).isEmpty();
    assertThat(list(null, "gcd", "team", "b")).containsExactly(third.summary());
    assertThat(list(JobState.QUEUED, "lcm", "urgent", "yes")).containsExactly(second.summary());
    assertThat(list(JobState.RUNNING, null, null, null)).isEmpty();
  }

  @Test
  void sinceIncludesItsMoment() {
    var query = new JobQuery(null, null, null, null, second.submittedAt(), null, 10);
    assertThat(store.list(query)).containsExactly(third.summary(), second.summary());
  }

  @Test
  void aCursorGoesOnWhereThePageEnded() {
    assertThat(store.list(new JobQuery(null, null, null, null, null, null, 2)))
        .containsExactly(third.summary(), second.summary());
    assertThat(store.list(new JobQuery(null, null, null, null, null, second.id(), 2)))
        .containsExactly(first.summary());
  }

  @Test
  void statesAreCounted() {
    store.started(first.id(), FIRST_VERSION, TestClock.START).join();
    store.finish(second.id(), FIRST_VERSION, ended(JobState.FAILED, 0, 1)).join();

    assertThat(store.countByState())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(JobState.QUEUED, 1L, JobState.RUNNING, 1L, JobState.FAILED, 1L));
    assertThat(list(JobState.QUEUED, null, null, null)).containsExactly(third.summary());
  }

  private List<JobSummary> list(
      JobState state, String function, String labelKey, String labelValue) {
    return store.list(new JobQuery(state, function, labelKey, labelValue, null, null, 100));
  }
}
