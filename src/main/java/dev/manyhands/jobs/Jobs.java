package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.intake.BodyMemory;
import dev.manyhands.intake.InputsAhead;
import dev.manyhands.intake.JobChange;
import dev.manyhands.intake.RequestKey;
import dev.manyhands.intake.SpecReader;
import dev.manyhands.intake.Submission;
import dev.manyhands.jobs.SubmissionListener.Submitting;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.IdempotencyKey;
import dev.manyhands.store.JobStore.JobQuery;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Submits, shows, lists, changes, cancels and deletes jobs for users, for every form of request.
 * Blocks the calling thread, which is a virtual one, while it waits.
 */
public final class Jobs {
  private static final Duration LONGEST_WRITE = Duration.ofSeconds(5);

  private final JobStore store;
  private final Scheduler scheduler;
  private final JobBoard board;
  private final SpecReader specs;
  private final ApiLimits limits;
  private final WaitingJobs waiting;
  private final CallbackDuties callbacks;
  private final SubmissionListener listener;
  private final BodyMemory memory;
  private final Clock clock;
  private final RandomGenerator random;

  public Jobs(
      JobStore store,
      Scheduler scheduler,
      JobBoard board,
      SpecReader specs,
      ApiLimits limits,
      WaitingJobs waiting,
      CallbackDuties callbacks,
      SubmissionListener listener,
      BodyMemory memory,
      Clock clock,
      RandomGenerator random) {
    this.store = store;
    this.scheduler = scheduler;
    this.board = board;
    this.specs = specs;
    this.limits = limits;
    this.waiting = waiting;
    this.callbacks = callbacks;
    this.listener = listener;
    this.memory = memory;
    this.clock = clock;
    this.random = random;
  }

  /**
   * A job that is on disk.
   *
   * @param end from {@link JobBoard#released}, taken before the job could end, so that it reports
   *     the end even of a job that has ended by now
   */
  public record Taken(Job job, Optional<CompletableFuture<Optional<JobStatus>>> end) {}

  /**
   * Accepts a job. When this method returns, the job is on disk.
   *
   * @param key the client's name for the request; null for none
   * @throws Refusal if the job cannot be accepted; nothing of it is left then
   */
  public Taken submit(InputStream body, @Nullable String key) {
    refuseWhenFull();
    try (var hold = memory.hold()) {
      return submit(body, memory.new Growth(hold), RequestKey.ofNullable(key).orElse(null));
    }
  }

  private Taken submit(InputStream body, BodyMemory.Growth growth, @Nullable RequestKey key) {
    var id = JobId.next(clock, random);
    var submission = new Submission(id, body, growth, key != null, store, limits);
    boolean taken = false;
    try (var submitting = listener.submitting()) {
      submission.read();
      IdempotencyKey named = null;
      if (key != null) {
        String fingerprint = submission.fingerprint();
        named = new IdempotencyKey(key.name(), fingerprint);
        var before = submitted(key, fingerprint);
        if (before.isPresent()) {
          return earlier(before.get(), submitting);
        }
      }
      Long listed = submission.items();
      var spec =
          specs.read(submission.request(), listed == null ? null : new Inputs.Listed(listed));
      var job = newJob(id, spec, submitting);
      submission.awaitSentAhead();
      putUp(job);
      var end = board.released(id);
      var answer = store(job, submission.lastSegment(), named, submitting);
      if (!answer.created()) {
        return earlier(answer, submitting);
      }
      taken = true;
      return new Taken(job, end);
    } finally {
      if (!taken) {
        board.remove(id, JobStatus.queued(0));
        submission.abandon();
      }
    }
  }

  private Optional<JobStore.Submission> submitted(RequestKey key, String fingerprint) {
    var before = store.findByKey(new IdempotencyKey(key.name(), fingerprint)).join();
    return before.isPresent() || key.asSent() == null
        ? before
        : store.findByKey(new IdempotencyKey(key.asSent(), fingerprint)).join();
  }

  JobId nextId() {
    return JobId.next(clock, random);
  }

  /**
   * Accepts a job whose inputs came before it.
   *
   * @param request the job without its inputs, as JSON
   */
  public Job submit(byte[] request, InputsAhead inputs) {
    var spec = specs.read(request, new Inputs.Listed(inputs.count()));
    inputs.await();
    return submit(inputs.id(), spec, inputs.last());
  }

  /** Accepts a job whose inputs, except for the last segment, were sent ahead. */
  public Job submit(JobId id, JobSpec spec, @Nullable InputSegment lastSegment) {
    refuseWhenFull();
    try (var submitting = listener.submitting()) {
      return submit(newJob(id, spec, submitting), lastSegment, submitting);
    }
  }

  private Job submit(Job job, @Nullable InputSegment lastSegment, Submitting submitting) {
    putUp(job);
    boolean taken = false;
    try {
      store(job, lastSegment, null, submitting);
      taken = true;
    } finally {
      if (!taken) {
        board.remove(job.id(), job.status());
      }
    }
    return job;
  }

  private JobStore.Submission store(
      Job job,
      @Nullable InputSegment lastSegment,
      @Nullable IdempotencyKey key,
      Submitting submitting) {
    try (var _ = submitting.committing()) {
      var answer =
          store
              .submit(job, lastSegment, key)
              .thenApply(stored -> {
                // Called in the writer's thread: the job runs while the submitting thread wakes up.
                if (stored.created()) {
                  begin(job);
                }
                return stored;
              })
              .join();
      submitting.accepted(answer.job());
      return answer;
    }
  }

  /** Hands over a job that was stored: the job runs, or waits. */
  private void begin(Job job) {
    listener.stored(job);
    callbacks.expect(job);
    if (job.status().state() == JobState.WAITING) {
      waiting.add(job, JobStore.FIRST_VERSION);
    } else {
      scheduler.run(job);
    }
  }

  /**
   * Accepts a job whose inputs follow in its request.
   *
   * @param request the job without its inputs, as JSON
   */
  Job submitBeforeInputs(byte[] request) {
    refuseWhenFull();
    try (var submitting = listener.submitting()) {
      var spec = specs.read(request, new Inputs.Open(true));
      return submit(newJob(JobId.next(clock, random), spec, submitting), null, submitting);
    }
  }

  /** Refuses a request while there are too many jobs, before any of the request is read. */
  void refuseWhenFull() {
    if (board.size() >= limits.maxUnfinishedJobs()) {
      throw full();
    }
  }

  /**
   * Adds the job to the board, or refuses it. Unlike {@link #refuseWhenFull}, this check is exact:
   * other jobs may have been added while the request was read.
   */
  private void putUp(Job job) {
    switch (board.addWithin(limits.maxUnfinishedJobs(), limits.maxUnfinishedBytes(), job)) {
      case ADDED -> {}
      case TOO_MANY -> throw full();
      case TOO_LARGE ->
          throw Refusal.unavailable(
              "the code and arguments of unfinished jobs may have at most "
                  + limits.maxUnfinishedBytes()
                  + " bytes together, an eighth of the service's heap; try again later, register"
                  + " the function once and name it, or give the service a larger heap (-Xmx)");
    }
  }

  private Refusal full() {
    return Refusal.unavailable(
        "there are "
            + limits.maxUnfinishedJobs()
            + " unfinished jobs, the most this service holds (manyhands.limits.unfinished-jobs); try again later");
  }

  private Job newJob(JobId id, JobSpec spec, Submitting submitting) {
    for (JobId before : spec.waitsFor()) {
      if (store.summary(before).isEmpty()) {
        boolean isInput = spec.inputs() instanceof Inputs.Results from && from.job().equals(before);
        throw Refusal.invalid(
            isInput ? "/inputs/results" : "/after/" + spec.start().after().indexOf(before),
            "there is no job " + before);
      }
    }
    boolean open = spec.inputs() instanceof Inputs.Open || spec.inputs() instanceof Inputs.Results;
    var status = JobStatus.queued(spec.inputs().count(), open);
    return new Job(
        id,
        spec.withFunction(store.shared(spec.function())).withTrace(submitting.trace()),
        clock.instant(),
        spec.waits() ? status.waiting() : status);
  }

  private Taken earlier(JobStore.Submission submission, Submitting submitting) {
    if (!submission.sameRequest()) {
      throw Refusal.invalid(
          "Idempotency-Key",
          "this key was used for another request, which made job "
              + submission.job()
              + "; use a new key for a new request");
    }
    submitting.accepted(submission.job());
    return new Taken(get(submission.job()), board.released(submission.job()));
  }

  /** Prevents retention from deleting a job while it is read, for a day at most. */
  public JobStore.Keeping keep(JobId id) {
    return store.keep(id);
  }

  /** Returns the job as it is now. */
  public Job get(JobId id) {
    return find(id).orElseThrow(() -> Refusal.notFound("there is no job " + id));
  }

  private Optional<Job> find(JobId id) {
    // The board is read first: a job leaves the board only after its end is in the store.
    Optional<JobStatus> live = board.status(id);
    return store.find(id).map(job -> live.map(job::withStatus).orElse(job));
  }

  /** Returns the job as it is now, or the given job if it has been deleted since. */
  public Job latest(Job known) {
    return find(known.id()).orElse(known);
  }

  /** Returns the job as it is now; the store is asked only when the job has ended. */
  public Job refreshed(Job job) {
    return board.status(job.id()).map(job::withStatus).orElseGet(() -> get(job.id()));
  }

  /** Returns the job with its present status; the given job if it has ended. */
  public Job now(Job job) {
    return board.status(job.id()).map(job::withStatus).orElse(job);
  }

  /** Returns the job when it has ended, or as it is when the patience is over. */
  public Job await(JobId id, Duration patience) {
    var _ = end(board.released(id), patience);
    return get(id);
  }

  /** Waits for the end of a known job. The store is not asked again if the job ends meanwhile. */
  public Job await(Job job, Duration patience) {
    return await(new Taken(job, board.released(job.id())), patience);
  }

  /**
   * Waits for the end of a job that was just accepted. The store is not asked again, even if the
   * job has ended by now.
   */
  public Job await(Taken taken, Duration patience) {
    Job job = taken.job();
    return end(taken.end(), patience).map(job::withStatus).orElseGet(() -> get(job.id()));
  }

  /** Returns the last status, if the job ends in time. */
  private static Optional<JobStatus> end(
      Optional<CompletableFuture<Optional<JobStatus>>> end, Duration patience) {
    if (end.isPresent() && !patience.isZero()) {
      try {
        return end.get().get(patience.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException notYet) {
        return Optional.empty();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    return Optional.empty();
  }

  /**
   * Waits until a job has changed, or may have changed. Returns at once when the job has ended.
   *
   * @param longest to wait when nothing changes: a status is published a moment before its outcomes
   *     are durable, so a reader of outcomes must look again
   * @return false when nobody should wait any longer: the service is about to stop, or the job's
   *     end could not be stored, so that nothing will change
   */
  public boolean awaitChange(JobId id, Duration longest) {
    CompletableFuture<Void> change = board.changed(id);
    if (board.closed().isDone()) {
      return false;
    }
    try {
      change.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException lookAgain) {
      // Results of a status that was published before they were stored are visible now.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return board.status(id).isPresent() || get(id).status().state().isTerminal();
  }

  /** Returns jobs, the newest first. */
  public List<JobSummary> list(JobQuery query) {
    return store.list(query).stream()
        .map(job -> board.status(job.id()).map(job::withStatus).orElse(job))
        .toList();
  }

  /**
   * Ends a job that has not ended.
   *
   * @param job as it was a moment ago
   * @return whether the job had not ended at that moment
   */
  public boolean cancel(Job job) {
    JobId id = job.id();
    if (job.status().state().isTerminal() || board.ended(id).isEmpty()) {
      return false;
    }
    boolean waited = job.status().state() == JobState.WAITING && within(waiting.cancel(id));
    if (!waited) {
      scheduler.cancel(id);
    }
    return true;
  }

  /**
   * Waits for a write that is never refused, as long as a user may be kept waiting.
   *
   * @throws Refusal when the store is away for longer
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

  /** Forgets a job that has ended. */
  public void delete(JobId id) {
    if (!store.delete(id).join()) {
      Job job = get(id);
      throw Refusal.conflict(
          "job "
              + id
              + " is "
              + job.status().state()
              + "; cancel it first, or wait until it has ended");
    }
  }
}
