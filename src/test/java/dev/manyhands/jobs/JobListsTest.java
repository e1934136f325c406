package dev.manyhands.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobFilter;
import dev.manyhands.store.JobSearch;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.SearchText;
import dev.manyhands.store.sql.DatabaseKind;
import dev.manyhands.store.sql.SqlStores;
import dev.manyhands.store.sql.TestClock;
import dev.manyhands.store.sql.TestDatabase;
import dev.manyhands.store.sql.TestJobs;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists while the rows of jobs are behind the jobs. */
class JobListsTest {
  private final TestDatabase database = TestDatabase.fresh(DatabaseKind.SQLITE);
  private final TestJobs jobs = new TestJobs();
  private final JobBoard board = new JobBoard();
  private SqlStores stores;
  private JobStore store;
  private JobLists lists;

  @BeforeEach
  void open() {
    stores = database.open(new TestClock());
    store = stores.jobs();
    lists = new JobLists(stores.search(), store, board);
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  /** Stores a job whose row is {@code QUEUED}. */
  private Job queued() {
    Job job = jobs.job(1);
    store.submit(job, null, null).join();
    return job;
  }

  private void ends(Job job) {
    var status = TestJobs.ended(JobState.SUCCEEDED, 1, 1);
    store.finish(job.id(), JobStore.FIRST_VERSION, status).join();
  }

  private static JobFilter in(JobState... states) {
    return JobFilter.ALL.inStates(Set.of(states));
  }

  private static List<JobId> ids(JobLists lists, JobFilter filter) {
    return lists.page(filter, null, 10).jobs().stream().map(JobSummary::id).toList();
  }

  @Test
  void aJobOnTheBoardHasTheStateOfTheBoard() {
    Job job = queued();
    board.add(job.withStatus(JobStatus.builder(JobState.RUNNING, Tally.ofTotal(1)).build()));

    assertThat(ids(lists, in(JobState.RUNNING))).containsExactly(job.id());
    assertThat(ids(lists, in(JobState.QUEUED))).isEmpty();
    assertThat(lists.all(in(JobState.RUNNING))).containsExactly(job.id());
    var counts = lists.counts(JobFilter.ALL).byState();
    assertThat(counts).containsEntry(JobState.RUNNING, 1L).containsEntry(JobState.QUEUED, 0L);
  }

  @Test
  void aJobThatEndsWhileItIsListedIsReadAgain() {
    Job job = queued();
    var late = new JobLists(new LateSearch(stores.search(), () -> ends(job)), store, board);

    assertThat(late.page(JobFilter.ALL, null, 10).jobs())
        .extracting(listed -> listed.status().state())
        .containsExactly(JobState.SUCCEEDED);
  }

  @Test
  void aJobThatEndsIsNotMissedInAListOfBothStates() {
    Job job = queued();
    var late = new JobLists(new LateSearch(stores.search(), () -> ends(job)), store, board);

    assertThat(ids(late, in(JobState.QUEUED, JobState.SUCCEEDED))).containsExactly(job.id());
    assertThat(ids(late, in(JobState.QUEUED))).isEmpty();
  }

  @Test
  void pagesGoOnBehindTheJobsThatDoNotMatch() {
    List<Job> all = Stream.generate(this::queued).limit(5).toList();
    for (int i : List.of(0, 2, 4)) {
      Job job = all.get(i);
      board.add(job.withStatus(JobStatus.builder(JobState.RUNNING, Tally.ofTotal(1)).build()));
    }
    var first = lists.page(in(JobState.RUNNING), null, 2);
    assertThat(first.jobs())
        .extracting(JobSummary::id)
        .containsExactly(all.get(4).id(), all.get(2).id());
    var second = lists.page(in(JobState.RUNNING), first.next(), 2);
    assertThat(second.jobs()).extracting(JobSummary::id).containsExactly(all.get(0).id());
    assertThat(second.next()).isNull();
  }

  /** Something happens after the rows were read, and before they are shown. */
  private record LateSearch(JobSearch search, Runnable meanwhile) implements JobSearch {
    @Override
    public List<Found> find(JobFilter filter, Set<JobState> states, JobId before, int limit) {
      return search.find(filter, states, before, limit);
    }

    @Override
    public List<JobId> withText(List<JobId> jobs, SearchText text) {
      return search.withText(jobs, text);
    }

    @Override
    public List<JobSummary> summaries(Collection<JobId> jobs) {
      List<JobSummary> rows = search.summaries(jobs);
      meanwhile.run();
      return rows;
    }

    @Override
    public Counted count(JobFilter filter, int most) {
      return search.count(filter, most);
    }
  }
}
