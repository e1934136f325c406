package dev.manyhands.jobs.comparison;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.intake.JobText;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.jobs.Submissions;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.Comparison.Step;
import dev.manyhands.model.comparison.ComparisonId;
import dev.manyhands.model.comparison.ComparisonState;
import dev.manyhands.model.comparison.Run;
import dev.manyhands.store.ComparisonStore;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.Waits;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the jobs of comparisons: one job at a time, and one comparison after the other, in the order
 * of submission. Two comparisons at once would disturb each other's times.
 *
 * <p>The runner keeps no state of its own. Each step follows from the content of the store (see
 * {@link Comparison#next}), where cancellations are recorded as well. A job is submitted under an
 * idempotency key of its run. A crash between the submission and its record therefore makes no
 * second job.
 */
public final class ComparisonRunner {
  private static final Logger log = LoggerFactory.getLogger(ComparisonRunner.class);
  private static final Duration LONGEST_LOOK = Duration.ofHours(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final int LONGEST_PROBLEM = 500;

  /**
   * The beginning of the runner's idempotency keys. No header of a client can contain its first
   * character, so that no client uses such a key.
   */
  private static final String OWN_KEYS = "\u0001comparison/";

  private final ComparisonStore store;
  private final JobDesk jobs;
  private final Submissions submissions;
  private final JobBoard board;
  private final ResultsDigest digest;
  private final Clock clock;

  /**
   * The start of this service. A job that began before and ended after this time was interrupted.
   */
  private final Instant startedAt;

  private final ExecutorService queue =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("comparisons").factory());

  /** Holds a future for each unfinished comparison, completed when the comparison has ended. */
  private final Map<ComparisonId, CompletableFuture<Void>> unfinished = new ConcurrentHashMap<>();

  public ComparisonRunner(
      ComparisonStore store,
      JobDesk jobs,
      Submissions submissions,
      JobBoard board,
      ResultsDigest digest,
      Clock clock) {
    this.store = store;
    this.jobs = jobs;
    this.submissions = submissions;
    this.board = board;
    this.digest = digest;
    this.clock = clock;
    this.startedAt = clock.instant();
  }

  /** Continues with the comparisons that an earlier service left unfinished. */
  public void start() {
    store.unfinished().forEach(this::add);
  }

  /**
   * Stops the runner, and waits a few seconds for its thread. The comparison under way goes on at
   * the next start.
   */
  public void stop() {
    queue.shutdownNow();
    try {
      if (!queue.awaitTermination(STOP.toSeconds(), TimeUnit.SECONDS)) {
        log.info("a comparison is still at work and goes on at the next start");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs a comparison that is in the store, once all comparisons before it have ended. */
  void add(ComparisonId id) {
    unfinished.put(id, new CompletableFuture<>());
    queue.execute(() -> run(id));
  }

  int unfinished() {
    return unfinished.size();
  }

  /**
   * Returns a future that completes when the comparison has ended; empty if it has ended already.
   */
  Optional<CompletableFuture<Void>> ended(ComparisonId id) {
    return Optional.ofNullable(unfinished.get(id));
  }

  /**
   * Ends a comparison and the job that it runs; returns whether the comparison had not ended
   * before.
   */
  boolean cancel(ComparisonId id) {
    if (!JobDesk.within(store.finish(id, ComparisonState.CANCELLED, clock.instant(), null))) {
      return false;
    }
    store
        .find(id)
        .map(Comparison::next)
        .ifPresent(next -> {
          if (next instanceof Step.Await await) {
            cancelJob(await.run().job());
          }
        });
    tellEnd(id);
    return true;
  }

  private void cancelJob(JobId job) {
    try {
      jobs.cancel(job);
    } catch (Refusal later) {
      log.debug("job {} of a cancelled comparison ends later", job, later);
    }
  }

  private void tellEnd(ComparisonId id) {
    CompletableFuture<Void> end = unfinished.remove(id);
    if (end != null) {
      end.complete(null);
    }
  }

  // ---- all below runs in the one thread of the queue

  private void run(ComparisonId id) {
    boolean told = false;
    while (!isStopping()) {
      try {
        if (!step(id)) {
          tellEnd(id);
          return;
        }
      } catch (RuntimeException | Error failure) {
        if (isStopping()) {
          log.debug("comparison {} goes on at the next start", id, failure);
        } else if (isPassing(failure)) {
          if (!told) {
            log.info("comparison {} waits: {}", id, failure.getMessage());
            told = true; // once: it is tried again every second
          }
          pause();
        } else {
          fail(id, failure);
        }
      }
    }
  }

  private boolean isStopping() {
    return queue.isShutdown() || board.closed().isDone();
  }

  /** Takes the next step; returns whether more steps may follow. */
  private boolean step(ComparisonId id) {
    Optional<Comparison> found = store.find(id);
    if (found.isEmpty() || found.get().state().isTerminal()) {
      return false;
    }
    return switch (found.get().next()) {
      case Step.Begin begin -> begin(found.get(), begin);
      case Step.Await await -> await(id, await.run());
      case Step.End end -> {
        store.finish(id, end.state(), clock.instant(), null).join();
        log.info("comparison {} ended: {}", id, end.state());
        yield false;
      }
    };
  }

  private boolean begin(Comparison comparison, Step.Begin begin) {
    ComparisonId id = comparison.id();
    var variant = comparison.variants().get(begin.variant());
    Optional<byte[]> common = store.job(id);
    if (common.isEmpty()) {
      return false; // cancelled and deleted a moment ago
    }
    byte[] body =
        JobText.joined(new String(common.get(), StandardCharsets.UTF_8), variant.options());
    String key = OWN_KEYS + id + "/" + begin.number();
    Job job = submissions.submit(new ByteArrayInputStream(body), key).job();
    var run = new Run(begin.number(), begin.variant(), begin.round(), job.id(), null);
    boolean recorded = store.record(id, run).join();
    if (!recorded) {
      // A client has cancelled the comparison in between and could not know of this job.
      cancelJob(job.id());
    }
    return recorded;
  }

  private boolean await(ComparisonId id, Run run) {
    Run.Ending ending;
    try {
      Job job = jobs.await(run.job(), LONGEST_LOOK);
      if (!job.status().state().isTerminal()) {
        return true;
      }
      ending = ending(job);
    } catch (Refusal | JobGoneException gone) {
      String problem = String.valueOf(gone.getMessage());
      ending = new Run.Ending(JobState.CANCELLED, Duration.ZERO, false, 0, null, null, problem);
    }
    return store.record(id, run.withEnding(ending)).join();
  }

  private Run.Ending ending(Job job) {
    JobStatus status = job.status();
    String problem = problem(status);
    Duration took = Duration.ZERO;
    boolean interrupted = false;
    Instant began = status.startedAt();
    Instant ended = status.finishedAt();
    // A job that was cancelled may end without having begun.
    if (began != null && ended != null) {
      took = Duration.between(began, ended);
      interrupted = began.isBefore(startedAt) && !ended.isBefore(startedAt);
    }
    var found = problem == null ? digest.of(job) : null;
    return new Run.Ending(
        status.state(),
        took,
        interrupted,
        status.tally().failed(),
        found == null ? null : found.digest(),
        found == null ? null : found.processorShare(),
        problem);
  }

  private static @Nullable String problem(JobStatus status) {
    if (status.error() != null) {
      String message = status.error().message();
      return message.substring(0, Math.min(message.length(), LONGEST_PROBLEM));
    } else if (status.state() == JobState.CANCELLED) {
      return "its job was cancelled";
    }
    return status.tally().skipped() == 0
        ? null
        : "its job ended before all items had run (" + status.stopReason() + ")";
  }

  private void fail(ComparisonId id, Throwable failure) {
    String problem = String.valueOf(failure.getMessage());
    if (!(failure instanceof Refusal)) {
      log.error("comparison {} met a state it does not know", id, failure);
      problem = "this is a fault of the service; its log says more";
    }
    try {
      store.finish(id, ComparisonState.FAILED, clock.instant(), problem).join();
    } catch (CompletionException unsaid) {
      log.error("the end of comparison {} was not stored", id, unsaid);
      pause();
    }
  }

  /** Whether a later attempt may succeed: the store is away, or there are too many jobs. */
  private static boolean isPassing(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof StoreException
        || (cause instanceof Refusal refusal && refusal.reason() == Refusal.Reason.UNAVAILABLE);
  }

  private void pause() {
    boolean _ = Waits.until(board.closed(), PAUSE);
  }
}
