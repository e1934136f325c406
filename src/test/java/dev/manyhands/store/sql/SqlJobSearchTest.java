package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.ended;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.store.JobFilter;
import dev.manyhands.store.JobFilter.Label;
import dev.manyhands.store.JobSearch;
import dev.manyhands.store.JobSearch.Found;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.SearchText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Which jobs a filter finds, and how many it counts. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class SqlJobSearchTest {
  private static final int MANY = 100;

  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private SqlStores stores;
  private JobStore store;
  private JobSearch search;
  private Job first;
  private Job second;
  private Job third;

  SqlJobSearchTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void threeJobs() {
    stores = database.open(new TestClock());
    store = stores.jobs();
    search = stores.search();
    var lcm = new Function("lcm", "sha256:1", TestJobs.GCD.definition());
    first = jobs.job(TestJobs.GCD, 1, Map.of("team", "a"));
    second = jobs.job(lcm, 1, Map.of("team", "b", "urgent", "yes"));
    third = jobs.job(TestJobs.GCD, 1, Map.of("team", "b"));
    List.of(second, first, third).forEach(job -> store.submit(job, null, null).join());
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  private static JobFilter function(String name, String digest) {
    return new JobFilter(Set.of(), name, digest, null, null, null, null);
  }

  private static JobFilter label(String function, String key, String value) {
    return new JobFilter(Set.of(), function, null, new Label(key, value), null, null, null);
  }

  private static JobFilter since(Instant time) {
    return new JobFilter(Set.of(), null, null, null, time, null, null);
  }

  private static JobFilter parent(JobId id) {
    return new JobFilter(Set.of(), null, null, null, null, id, null);
  }

  private List<JobId> found(JobFilter filter, JobState... states) {
    return search.find(filter, Set.of(states), null, MANY).stream().map(Found::id).toList();
  }

  @Test
  void newestComeFirst() {
    assertThat(found(JobFilter.ALL)).containsExactly(third.id(), second.id(), first.id());
    assertThat(search.summaries(Set.of(first.id(), second.id(), third.id())))
        .containsExactly(third.summary(), second.summary(), first.summary());
  }

  @Test
  void eachFilterLeavesOutTheOthers() {
    assertThat(found(function("gcd", null))).containsExactly(third.id(), first.id());
    assertThat(found(function("lcm", "sha256:1"))).containsExactly(second.id());
    assertThat(found(function("gcd", "sha256:1"))).isEmpty();
    assertThat(found(label(null, "team", "b"))).containsExactly(third.id(), second.id());
    assertThat(found(label(null, "team", "c"))).isEmpty();
    assertThat(found(label("gcd", "team", "b"))).containsExactly(third.id());
    assertThat(found(label("lcm", "urgent", "yes"), JobState.QUEUED)).containsExactly(second.id());
    assertThat(found(JobFilter.ALL, JobState.RUNNING)).isEmpty();
  }

  @Test
  void sinceIncludesItsMoment() {
    assertThat(found(since(second.submittedAt()))).containsExactly(third.id(), second.id());
  }

  @Test
  void aCursorGoesOnWhereThePageEnded() {
    assertThat(search.find(JobFilter.ALL, Set.of(), null, 2))
        .extracting(Found::id)
        .containsExactly(third.id(), second.id());
    assertThat(search.find(JobFilter.ALL, Set.of(), second.id(), 2))
        .extracting(Found::id)
        .containsExactly(first.id());
  }

  @Test
  void jobsOfSeveralStatesAreInOneOrder() {
    store.started(second.id(), FIRST_VERSION, TestClock.START).join();
    store.finish(third.id(), FIRST_VERSION, ended(JobState.FAILED, 0, 1)).join();
    Set<JobState> all = Set.of(JobState.FAILED, JobState.RUNNING, JobState.QUEUED);

    assertThat(search.find(JobFilter.ALL, all, null, 2))
        .containsExactly(
            new Found(third.id(), JobState.FAILED), new Found(second.id(), JobState.RUNNING));
    assertThat(search.find(JobFilter.ALL, all, second.id(), 2))
        .containsExactly(new Found(first.id(), JobState.QUEUED));
    assertThat(found(label(null, "team", "b"), JobState.FAILED, JobState.QUEUED))
        .containsExactly(third.id());
  }

  @Test
  void retriesAreFoundByTheirParent() {
    Job retry = retryOf(first);
    assertThat(found(parent(first.id()))).containsExactly(retry.id());
    assertThat(found(parent(second.id()))).isEmpty();
    assertThat(search.count(parent(first.id()), MANY).open())
        .containsExactly(new Found(retry.id(), JobState.QUEUED));
  }

  private Job retryOf(Job job) {
    JobSpec spec = job.spec().over(new Inputs.Listed(1), job.id());
    Job retry = jobs.job(jobs.nextId(), spec);
    store.submit(retry, null, null).join();
    return retry;
  }

  @Test
  void aTextIsComparedInEachJob() {
    var ids = found(JobFilter.ALL);
    assertThat(search.withText(ids, new SearchText("LCM"))).containsExactly(second.id());
    assertThat(search.withText(ids, new SearchText("a job"))).isEqualTo(ids);
    assertThat(search.withText(ids, new SearchText("priority"))).isEmpty();
  }

  @Test
  void eachFilterCounts() {
    store.started(first.id(), FIRST_VERSION, TestClock.START).join();
    store.finish(second.id(), FIRST_VERSION, ended(JobState.FAILED, 0, 1)).join();
    var running = new Found(first.id(), JobState.RUNNING);
    var queued = new Found(third.id(), JobState.QUEUED);

    var all = search.count(JobFilter.ALL, MANY);
    assertThat(all.ended()).isEqualTo(Map.of(JobState.FAILED, 1L));
    assertThat(all.open()).containsExactlyInAnyOrder(running, queued);
    assertThat(all.capped()).isEmpty();
    assertThat(search.count(function("gcd", null), MANY).open())
        .containsExactlyInAnyOrder(running, queued);
    assertThat(search.count(function("gcd", "sha256:1"), MANY).open()).isEmpty();
    assertThat(search.count(label("lcm", "team", "b"), MANY).ended())
        .isEqualTo(Map.of(JobState.FAILED, 1L));
    assertThat(search.count(label("gcd", "team", "b"), MANY).open()).containsExactly(queued);
    assertThat(search.count(since(third.submittedAt()), MANY).open()).containsExactly(queued);
  }

  @Test
  void aCountEndsAtItsMost() {
    for (Job job : List.of(first, second)) {
      store.finish(job.id(), FIRST_VERSION, ended(JobState.SUCCEEDED, 1, 0)).join();
    }
    assertThat(search.count(JobFilter.ALL, 1).capped()).containsExactly(JobState.SUCCEEDED);
    assertThat(search.count(JobFilter.ALL, 2).capped()).isEmpty();
    assertThat(search.count(label(null, "team", "b"), 1).capped())
        .containsExactly(JobState.values());
  }

  @Test
  void statesAreCounted() {
    store.started(first.id(), FIRST_VERSION, TestClock.START).join();
    store.finish(second.id(), FIRST_VERSION, ended(JobState.FAILED, 0, 1)).join();

    assertThat(store.countByState())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(JobState.QUEUED, 1L, JobState.RUNNING, 1L, JobState.FAILED, 1L));
  }
}
