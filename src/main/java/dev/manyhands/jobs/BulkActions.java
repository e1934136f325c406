package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.Refusal.Reason;
import dev.manyhands.store.JobFilter;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.Waits;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Cancels, deletes or retries all jobs that match a filter. The set of jobs is fixed first. Each
 * job is then treated as by the request for one job. A job that has changed since is therefore
 * refused or left as it is. Safe for use by any thread; blocks the calling thread.
 *
 * <p>Other requests are not held up: one bulk action is under way at a time, and its writes are in
 * groups that are smaller than those of the writer. The next group begins when the last one is
 * done.
 */
public final class BulkActions {
  private static final int GROUP = 64;
  private static final Duration LONGEST_TURN = Duration.ofSeconds(5);
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  private final JobDesk jobs;
  private final JobLists lists;
  private final JobBoard board;
  private final Consumer<JobId> forgotten;
  private final Semaphore turn = new Semaphore(1, true);

  /**
   * @param forgotten receives the id of each deleted job
   */
  public BulkActions(JobDesk jobs, JobLists lists, JobBoard board, Consumer<JobId> forgotten) {
    this.jobs = jobs;
    this.lists = lists;
    this.board = board;
    this.forgotten = forgotten;
  }

  /** Treats the jobs of a group, and counts each of them. */
  private interface Action {
    void on(List<JobId> group, BulkOutcome.Count count);
  }

  /**
   * Cancels jobs. Jobs that have ended are unchanged.
   *
   * @param expect the number of jobs that must match the filter
   * @throws Refusal if another number of jobs matches, more than {@link JobLists#MOST} match, or
   *     another bulk action is under way; nothing is done then
   */
  public BulkOutcome cancel(JobFilter filter, long expect) {
    return act(filter, expect, this::cancel);
  }

  /**
   * Deletes jobs. Jobs that have not ended are refused and count as such; see also {@link #cancel}.
   */
  public BulkOutcome delete(JobFilter filter, long expect) {
    return act(filter, expect, this::delete);
  }

  /**
   * Makes a new job from each matching job; see also {@link #cancel}.
   *
   * @param retry makes the new job, or throws a {@link Refusal}, which is counted
   */
  public BulkOutcome retry(JobFilter filter, long expect, Consumer<JobId> retry) {
    return act(
        filter,
        expect,
        (group, count) -> {
          for (JobId id : group) {
            if (count.isCut()) {
              return;
            }
            attempt(
                id,
                count,
                () -> {
                  retry.accept(id);
                  count.done();
                });
          }
        });
  }

  private BulkOutcome act(JobFilter filter, long expect, Action action) {
    takeTurn();
    try {
      List<JobId> all = lists.all(filter);
      if (all.size() != expect) {
        throw Refusal.conflict("'expect' is " + expect + ", and nothing was done")
            .with(
                "found",
                all.size(),
                "jobs that match the filter: "
                    + all.size()
                    + "; look at them with GET /api/v1/jobs, and send their number");
      }
      var count = new BulkOutcome.Count(all.size());
      for (int from = 0; from < all.size() && !count.isCut(); from += GROUP) {
        if (board.closed().isDone()) {
          count.cut(all.get(from), Refusal.unavailable("the service is about to stop"));
        } else {
          action.on(all.subList(from, Math.min(from + GROUP, all.size())), count);
        }
      }
      return count.outcome();
    } finally {
      turn.release();
    }
  }

  private void takeTurn() {
    try {
      if (turn.tryAcquire(LONGEST_TURN.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw Refusal.unavailable(
        "another request about many jobs is under way, and nothing was done; try again later");
  }

  private void cancel(List<JobId> group, BulkOutcome.Count count) {
    Map<JobId, CompletableFuture<JobStatus>> ends = new LinkedHashMap<>();
    for (JobId id : group) {
      if (count.isCut()) {
        break;
      }
      attempt(
          id,
          count,
          () -> {
            Optional<CompletableFuture<JobStatus>> end = jobs.cancelling(id);
            end.ifPresentOrElse(future -> ends.put(id, future), count::unchanged);
          });
    }
    long deadline = System.nanoTime() + LONGEST_END.toNanos();
    ends.forEach((id, end) -> {
      Waits.until(end, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      if (!end.isDone()) {
        count.cut(
            id,
            Refusal.unavailable(
                "the job ends as soon as its end can be stored; no further jobs were cancelled"));
      } else if (end.join().state() == JobState.CANCELLED) {
        count.done();
      } else {
        count.unchanged(); // the job has ended in another way meanwhile
      }
    });
  }

  private void delete(List<JobId> group, BulkOutcome.Count count) {
    Map<JobId, CompletableFuture<Boolean>> deletions = new LinkedHashMap<>();
    group.forEach(id -> deletions.put(id, jobs.deleting(id)));
    deletions.forEach((id, deletion) ->
        attempt(
            id,
            count,
            () -> {
              if (jobs.isDeleted(id, deletion)) {
                forgotten.accept(id);
                count.done();
              } else {
                count.unchanged();
              }
            }));
  }

  /**
   * Runs a step for one job, and counts a refusal. When the service or the store is not available,
   * marks the action as cut, so that no further job is treated.
   */
  private static void attempt(JobId id, BulkOutcome.Count count, Runnable step) {
    try {
      step.run();
    } catch (Refusal refusal) {
      refused(id, refusal, count);
    } catch (StoreException away) {
      count.cut(id, Refusal.unavailable("the store is not available: " + away.getMessage()));
    } catch (CompletionException failure) {
      switch (failure.getCause()) {
        case Refusal refusal -> refused(id, refusal, count);
        case StoreException away ->
            count.cut(id, Refusal.unavailable("the store is not available: " + away.getMessage()));
        case null, default -> throw failure;
      }
    }
  }

  private static void refused(JobId id, Refusal refusal, BulkOutcome.Count count) {
    if (refusal.reason() == Reason.UNAVAILABLE) {
      count.cut(id, refusal);
    } else {
      count.refused(id, refusal);
    }
  }
}
