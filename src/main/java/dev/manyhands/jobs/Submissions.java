package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.intake.BodyMemory;
import dev.manyhands.intake.Intake;
import dev.manyhands.intake.JobBodyReader;
import dev.manyhands.intake.RequestKey;
import dev.manyhands.intake.StagedInputs;
import dev.manyhands.jobs.SubmissionListener.Submitting;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.IdempotencyKey;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts jobs, for every form of request. When a method returns a job, the job is on disk. Safe
 * for use by any thread; blocks the calling thread, which is a virtual one.
 */
public final class Submissions {
  private static final Logger log = LoggerFactory.getLogger(Submissions.class);

  private final JobDesk jobs;
  private final JobStore store;
  private final JobBoard board;
  private final Intake intake;
  private final Handover handover;
  private final NewJobs newJobs;

  public Submissions(
      JobDesk jobs,
      JobStore store,
      JobBoard board,
      Intake intake,
      Handover handover,
      NewJobs newJobs) {
    this.jobs = jobs;
    this.store = store;
    this.board = board;
    this.intake = intake;
    this.handover = handover;
    this.newJobs = newJobs;
  }

  /**
   * Accepts a job, or returns the job of an earlier request with this key and body. When this
   * method returns, the job is on disk.
   *
   * @param key the client's name for the request; null for none
   * @throws Refusal if the job cannot be accepted; nothing of the job is left then
   */
  public StoredJob submit(InputStream body, @Nullable String key) {
    refuseWhenFull();
    try (var hold = intake.memory().hold()) {
      return submit(
          body, intake.memory().new Growth(hold), RequestKey.ofNullable(key).orElse(null));
    }
  }

  private StoredJob submit(InputStream body, BodyMemory.Growth growth, @Nullable RequestKey key) {
    var id = newJobs.nextId();
    var submission = new JobBodyReader(id, body, growth, key != null, store, intake.limits());
    boolean stored = false;
    try (var submitting = handover.submitting()) {
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
          intake
              .specs()
              .read(submission.request(), listed == null ? null : new Inputs.Listed(listed));
      var job = newJobs.make(id, spec, submitting);
      submission.awaitSentAhead();
      putUp(job);
      var end = board.released(id);
      var answer = store(job, submission.lastSegment(), named, submitting);
      if (!answer.created()) {
        return earlier(answer, submitting);
      }
      stored = true;
      return new StoredJob(job, end);
    } finally {
      if (!stored) {
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

  /**
   * Accepts a job whose inputs came before it.
   *
   * @param request the job without its inputs, as JSON
   */
  public Job submit(byte[] request, StagedInputs inputs) {
    var spec = intake.specs().read(request, new Inputs.Listed(inputs.count()));
    return submit(spec, inputs);
  }

  /** Accepts a job whose inputs came before it. */
  Job submit(JobSpec spec, StagedInputs inputs) {
    inputs.await();
    refuseWhenFull();
    try (var submitting = handover.submitting()) {
      return submit(newJobs.make(inputs.id(), spec, submitting), inputs.last(), submitting);
    }
  }

  private Job submit(Job job, @Nullable InputSegment lastSegment, Submitting submitting) {
    putUp(job);
    boolean stored = false;
    try {
      store(job, lastSegment, null, submitting);
      stored = true;
    } finally {
      if (!stored) {
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
      var stored = store.submit(job, lastSegment, key);
      // Called mostly in the writer's thread, so that the job starts before the submitting thread
      // has woken up.
      var begun = stored.thenAccept(answer -> begin(job, answer));
      var answer = stored.join();
      try {
        begun.join();
      } catch (CompletionException fault) {
        // A stored job must not wait for the next start of the service.
        log.error("job {} did not begin, it begins again", job.id(), fault);
        begin(job, answer);
      }
      submitting.accepted(answer.job());
      return answer;
    }
  }

  private void begin(Job job, JobStore.Submission answer) {
    if (answer.created()) {
      handover.begin(job);
    }
  }

  /**
   * Accepts a job whose inputs follow in its request.
   *
   * @param request the job without its inputs, as JSON
   */
  Job submitBeforeInputs(byte[] request) {
    refuseWhenFull();
    try (var submitting = handover.submitting()) {
      var spec = intake.specs().read(request, new Inputs.Open(true));
      return submit(newJobs.make(newJobs.nextId(), spec, submitting), null, submitting);
    }
  }

  /** Returns a place for the inputs of a job that will be submitted after them. */
  StagedInputs staged() {
    return new StagedInputs(newJobs.nextId(), store, intake.limits());
  }

  /** Refuses a request while there are too many jobs, before any of the request is read. */
  void refuseWhenFull() {
    if (board.size() >= intake.limits().maxUnfinishedJobs()) {
      throw full();
    }
  }

  /**
   * Adds the job to the board, or refuses it. Unlike {@link #refuseWhenFull}, this check is exact:
   * other jobs may have been added while the request was read.
   */
  private void putUp(Job job) {
    switch (board.addWithin(
        intake.limits().maxUnfinishedJobs(), intake.limits().maxUnfinishedBytes(), job)) {
      case ADDED -> {}
      case TOO_MANY -> throw full();
      case TOO_LARGE ->
          throw Refusal.unavailable(
              "the code and arguments of unfinished jobs may have at most "
                  + intake.limits().maxUnfinishedBytes()
                  + " bytes together, an eighth of the service's heap; try again later, register"
                  + " the function once and name it, or give the service a larger heap (-Xmx)");
    }
  }

  private Refusal full() {
    return Refusal.unavailable(
        "there are "
            + intake.limits().maxUnfinishedJobs()
            + " unfinished jobs, the most this service holds (manyhands.limits.unfinished-jobs); try again later");
  }

  private StoredJob earlier(JobStore.Submission submission, Submitting submitting) {
    if (!submission.sameRequest()) {
      throw Refusal.invalid(
          "Idempotency-Key",
          "this key was used for another request, which made job "
              + submission.job()
              + "; use a new key for a new request");
    }
    submitting.accepted(submission.job());
    beginIfLost(submission.job());
    return new StoredJob(jobs.get(submission.job()), board.released(submission.job()));
  }

  /**
   * Begins a job that was stored and never began. Its own request failed with an error after the
   * commit, and has taken the job off the board. Other repeats of the request may come at once:
   * only one of them adds the job to the board.
   */
  private void beginIfLost(JobId id) {
    if (board.status(id).isPresent()) {
      return;
    }
    Job lost = store.find(id).filter(Submissions::hasNotBegun).orElse(null);
    if (lost == null || !board.add(lost)) {
      return;
    }
    boolean begun = false;
    try {
      // Read again: another repeat may have begun the job since, and the job may have ended.
      Job still = store.find(id).filter(Submissions::hasNotBegun).orElse(null);
      if (still != null) {
        log.warn("job {} begins at a repeat of its request, which had failed", id);
        handover.begin(still);
        begun = true;
      }
    } finally {
      if (!begun) {
        board.remove(id, lost.status());
      }
    }
  }

  private static boolean hasNotBegun(Job job) {
    JobState state = job.status().state();
    return state == JobState.QUEUED || state == JobState.WAITING;
  }
}
