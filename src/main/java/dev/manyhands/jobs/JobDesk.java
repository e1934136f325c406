package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.intake.JobChange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.Waits;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Shows, awaits, changes, cancels and deletes jobs for users. Blocks the calling thread, which is a
 * virtual one, while it waits.
 */
public final class JobDesk {
  private static final Duration LONGEST_WRITE = Duration.ofSeconds(5);

  private final JobStore store;
  private final Scheduler scheduler;
  private final JobBoard board;
  private final WaitingJobs waiting;

  public JobDesk(JobStore store, Scheduler scheduler, JobBoard board, WaitingJobs waiting) {
    this.store = store;
    this.scheduler = scheduler;
    this.board = board;
    this.waiting = waiting;
  }

  /** Keeps retention from deleting a job until the result is closed, for a day at most. */
  public JobStore.Keeping keep(JobId id) {
    return store.keep(id);
  }

  /**
   * Returns the job as it is now.
   *
   * @throws Refusal if there is no such job
   */
  public Job get(JobId id) {
    return find(id).orElseThrow(() -> noJob(id));
  }

  private Optional<Job> find(JobId id) {
    // The board is read first: a job leaves the board only after its end is in the store.
    Optional<JobStatus> live = board.status(id);
    return store.find(id).map(job -> live.map(job::withStatus).orElse(job));
  }

  /** Returns the job as it is now, or the given job if it has been deleted since. */
  public Job getOr(Job known) {
    return find(known.id()).orElse(known);
  }

  /**
   * Returns the job with its newest status. Asks the store only if the board no longer has the job.
   */
  public Job withNewestStatus(Job job) {
    return board.status(job.id()).map(job::withStatus).orElseGet(() -> get(job.id()));
  }

  /**
   * Returns the job with its status on the board. Never asks the store: returns the given job
   * unchanged if the board does not have the job.
   */
  public Job withLiveStatus(Job job) {
    return board.status(job.id()).map(job::withStatus).orElse(job);
  }

  /**
   * Returns the job when it has ended, or as it is when the patience is over or the service is
   * about to stop.
   */
  public Job await(JobId id, Duration patience) {
    var _ = end(board.released(id), patience);
    return get(id);
  }

  /** Waits for the end of a known job. The store is not asked again if the job ends meanwhile. */
  public Job await(Job job, Duration patience) {
    return await(new StoredJob(job, board.released(job.id())), patience);
  }

  /**
   * Waits for the end of a job that was just accepted. Asks the store only if the end is not
   * observed here, for example when the patience is over. Returns the job as the board has it if
   * the store cannot be read then: the job is accepted, and no failure may deny that.
   */
  public Job await(StoredJob stored, Duration patience) {
    Job job = stored.job();
    try {
      return end(stored.end(), patience).map(job::withStatus).orElseGet(() -> get(job.id()));
    } catch (StoreException away) {
      return withLiveStatus(job);
    }
  }

  /** Returns the last status, if the job ends in time. */
  private static Optional<JobStatus> end(
      Optional<CompletableFuture<Optional<JobStatus>>> end, Duration patience) {
    if (end.isEmpty() || patience.isZero()) {
      return Optional.empty();
    }
    boolean _ = Waits.until(end.get(), patience);
    return end.get().getNow(Optional.empty());
  }

  /**
   * Completes when outcomes of a job become durable after this call, when the job has ended, or
   * when the service is about to stop. A reader requests the future before it reads, and thus
   * misses no outcome between the reading and the wait.
   */
  public CompletableFuture<Void> nextStored(JobId id) {
    return board.nextStored(id);
  }

  /**
   * Completes when a job has printed more, when the job has ended, or when the service is about to
   * stop; see {@link #nextStored}.
   */
  public CompletableFuture<Void> nextPrinted(JobId id) {
    return board.nextPrinted(id);
  }

  /**
   * Waits until there may be more to read, or for a time. Returns at once when the job has ended.
   *
   * @param news from {@link #nextStored} or {@link #nextPrinted}
   * @return false when nobody should wait any longer: the service is about to stop, the thread was
   *     interrupted, or the job's end could not be stored, so that nothing will change
   */
  public boolean awaitNews(JobId id, CompletableFuture<Void> news, Duration longest) {
    if (board.closed().isDone() || !Waits.until(news, longest)) {
      return false;
    }
    return board.status(id).isPresent() || get(id).status().state().isTerminal();
  }

  /**
   * Ends a job that has not ended. A job that waits has ended when this method returns; any other
   * job ends a moment later.
   *
   * @return whether the job had not ended at that moment
   */
  public boolean cancel(JobId id) {
    return cancelling(id).isPresent();
  }

  /**
   * Begins to end a job that has not ended.
   *
   * @return the future of its last status; empty if the job has ended, or is unknown
   */
  Optional<CompletableFuture<JobStatus>> cancelling(JobId id) {
    var ended = board.ended(id);
    if (ended.isPresent()) {
      boolean waits =
          board.status(id).map(status -> status.state() == JobState.WAITING).orElse(false);
      boolean waited = waits && within(waiting.cancel(id));
      if (!waited) {
        scheduler.cancel(id);
      }
    }
    return ended;
  }

  /**
   * Waits up to five seconds for a write that the store does at some time in any case, and returns
   * its answer.
   *
   * @throws Refusal when the store is away for longer; the write is then done later
   */
  public static boolean within(CompletableFuture<Boolean> write) {
    try {
      return write.get(LONGEST_WRITE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException away) {
      throw Refusal.unavailable(
          "the store cannot be written to; this is done as soon as it can be: look again later");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.unavailable("the service is about to stop");
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    }
  }

  /**
   * Changes options of a job that has not ended. The change is durable when this method returns.
   *
   * @throws Refusal if there is no such job, if the job has ended, or if an option is invalid
   */
  public Job change(JobId id, JobChange change) {
    return waiting.change(() -> {
      Job job = get(id);
      JobSpec changed = change.applyTo(job.spec());
      if (job.status().state().isTerminal() || !store.change(id, changed).join()) {
        throw Refusal.conflict("job " + id + " has ended and cannot be changed");
      }
      scheduler.change(id, changed);
      return job.withSpec(changed);
    });
  }

  /**
   * Deletes a job that has ended.
   *
   * @throws Refusal if there is no such job, or if the job has not ended
   */
  public void delete(JobId id) {
    if (!isDeleted(id, deleting(id))) {
      throw noJob(id);
    }
  }

  /** Begins to delete a job that has ended. Pass the result to {@link #isDeleted}. */
  CompletableFuture<Boolean> deleting(JobId id) {
    return store.delete(id);
  }

  /**
   * Waits until a job is deleted.
   *
   * @return false if there is no such job
   * @throws Refusal if the job has not ended
   */
  boolean isDeleted(JobId id, CompletableFuture<Boolean> deleting) {
    if (deleting.join()) {
      board.deleted(id);
      return true;
    }
    Optional<Job> job = find(id);
    if (job.isEmpty()) {
      return false;
    }
    throw Refusal.conflict(
        "job "
            + id
            + " is "
            + job.get().status().state()
            + "; cancel it first, or wait until it has ended");
  }

  private static Refusal noJob(JobId id) {
    return Refusal.notFound("there is no job " + id);
  }
}
