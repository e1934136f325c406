package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobFilter;
import dev.manyhands.store.JobSearch;
import dev.manyhands.store.JobSearch.Found;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lists and counts jobs by filter, in the states that {@link JobDesk#get} shows. Safe for use by
 * any thread; blocks the calling thread.
 *
 * <p>The row of an unfinished job may be behind the job. A search for an unfinished state therefore
 * reads the rows of all unfinished states, and then asks the board. The row of a job that has ended
 * is final, although the board may still have the job for a moment. A job that has left the board
 * since its row was read has ended, and is read again. The order of a list is that of the ids, so a
 * job keeps its place while its state changes.
 */
public final class JobLists {

  /**
   * Limit for the jobs of a state that are counted, for the jobs that one request searches for a
   * text, and for the jobs of {@link #all}.
   */
  public static final int MOST = 10_000;

  private static final Set<JobState> ANY = EnumSet.allOf(JobState.class);
  private static final int SLICE = 1_000;

  /** How long a list waits until the board shows an end that is stored. */
  private static final Duration LONGEST_END = Duration.ofSeconds(1);

  private final JobSearch search;
  private final JobStore store;
  private final JobBoard board;

  public JobLists(JobSearch search, JobStore store, JobBoard board) {
    this.search = search;
    this.store = store;
    this.board = board;
  }

  /**
   * A part of a list.
   *
   * @param next the job that the next part begins behind; null at the end of the list. After a
   *     search for a text, this job may be missing from {@code jobs}.
   */
  public record Page(List<JobSummary> jobs, @Nullable JobId next) {}

  /**
   * Jobs by state.
   *
   * @param byState has every state; at most {@link #MOST} each
   * @param capped the states of which there may be more jobs
   */
  public record Counts(Map<JobState, Long> byState, Set<JobState> capped) {}

  /**
   * Returns the newest matching jobs. With a text, at most {@link #MOST} jobs are searched: the
   * page may then have fewer jobs than the limit, and yet a next page.
   *
   * @param before only jobs older than this one; null for the newest
   */
  public Page page(JobFilter filter, @Nullable JobId before, int limit) {
    boolean everyRowMatches = filter.text() == null && !hasOpen(filter.states());
    var page = new ArrayList<JobSummary>();
    JobId at = before;
    int searched = 0;
    while (true) {
      int slice = everyRowMatches ? limit + 1 - page.size() : SLICE;
      List<Found> rows = search.find(filter, stored(filter.states()), at, slice);
      add(page, hits(rows, filter), filter, limit + 1);
      if (page.size() > limit) {
        return new Page(page.subList(0, limit), page.get(limit - 1).id());
      }
      if (rows.size() < slice) {
        return new Page(page, null);
      }
      at = rows.getLast().id();
      searched += slice;
      if (filter.text() != null && searched >= MOST) {
        return new Page(page, at);
      }
    }
  }

  /** Adds jobs while the page has room, each as it is now. */
  private void add(List<JobSummary> page, List<JobId> jobs, JobFilter filter, int most) {
    for (int from = 0; from < jobs.size() && page.size() < most; ) {
      int to = Math.min(jobs.size(), from + most - page.size());
      for (JobSummary row : search.summaries(jobs.subList(from, to))) {
        now(row).filter(job -> filter.has(job.status().state())).ifPresent(page::add);
      }
      from = to;
    }
  }

  /** Returns the job of a row as it is now; empty if it is gone. */
  private Optional<JobSummary> now(JobSummary row) {
    if (row.status().state().isTerminal()) {
      // The single job must not show an earlier state after the list has shown this one.
      board.ended(row.id()).ifPresent(end -> Waits.until(end, LONGEST_END));
      return Optional.of(row);
    }
    Optional<JobStatus> live = board.status(row.id());
    return live.isPresent() ? live.map(row::withStatus) : store.summary(row.id());
  }

  /** Returns the jobs of the rows that match the filter as the jobs are now. */
  private List<JobId> hits(List<Found> rows, JobFilter filter) {
    List<JobId> jobs =
        rows.stream()
            .filter(
                row -> filter.states().isEmpty() || stateOf(row).filter(filter::has).isPresent())
            .map(Found::id)
            .toList();
    return filter.text() == null ? jobs : search.withText(jobs, filter.text());
  }

  /** Returns the state of a job as it is now; empty if the job is gone. */
  private Optional<JobState> stateOf(Found row) {
    if (row.state().isTerminal()) {
      return Optional.of(row.state());
    }
    Optional<JobState> live = board.status(row.id()).map(JobStatus::state);
    return live.isPresent() ? live : store.stateOf(row.id());
  }

  /** Returns the states of the rows of jobs that may be in one of these states. */
  private static Set<JobState> stored(Set<JobState> states) {
    if (!hasOpen(states)) {
      return states;
    }
    var stored = EnumSet.copyOf(states);
    ANY.stream().filter(state -> !state.isTerminal()).forEach(stored::add);
    return stored;
  }

  private static boolean hasOpen(Set<JobState> states) {
    return states.stream().anyMatch(state -> !state.isTerminal());
  }

  /**
   * Counts the matching jobs by state. The states of the filter are ignored. The cost is bounded:
   * see {@link JobSearch#count}. With a text, the newest {@link #MOST} jobs that match the rest of
   * the filter are searched.
   */
  public Counts counts(JobFilter filter) {
    JobFilter any = filter.inStates(Set.of());
    var byState = new EnumMap<JobState, Long>(JobState.class);
    ANY.forEach(state -> byState.put(state, 0L));
    if (any.text() == null) {
      var counted = search.count(any, MOST);
      byState.putAll(counted.ended());
      counted.open().forEach(row -> count(row, byState));
      byState.replaceAll((state, jobs) -> Math.min(jobs, MOST));
      return new Counts(byState, counted.capped());
    }
    List<Found> rows = search.find(any, Set.of(), null, MOST + 1);
    var hits = Set.copyOf(search.withText(rows.stream().map(Found::id).toList(), any.text()));
    rows.stream().filter(row -> hits.contains(row.id())).forEach(row -> count(row, byState));
    return new Counts(byState, rows.size() > MOST ? ANY : Set.of());
  }

  private void count(Found row, Map<JobState, Long> byState) {
    stateOf(row).ifPresent(state -> byState.merge(state, 1L, Long::sum));
  }

  /**
   * Returns all matching jobs, newest first.
   *
   * @throws Refusal if more than {@link #MOST} jobs match the filter without its text
   */
  public List<JobId> all(JobFilter filter) {
    // A filter that names an unfinished state reads the rows of all unfinished jobs.
    int most = MOST + 1 + (hasOpen(filter.states()) ? board.size() : 0);
    List<Found> rows = search.find(filter, stored(filter.states()), null, most);
    List<Found> jobs =
        filter.states().isEmpty()
            ? rows
            : rows.stream().filter(row -> stateOf(row).filter(filter::has).isPresent()).toList();
    if (jobs.size() > MOST) {
      throw Refusal.tooLarge(
          "/filter",
          "matches more than "
              + MOST
              + " jobs"
              + (filter.text() == null ? "" : " without its 'q'")
              + ", the most for one request; nothing was done: narrow the filter, for example by"
              + " 'state', 'label' or 'since'");
    }
    return hits(jobs, filter);
  }
}
