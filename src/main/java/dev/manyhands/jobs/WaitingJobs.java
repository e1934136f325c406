package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.model.Grant;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.LogThrottle;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps jobs in state {@code WAITING} until the jobs before them have succeeded and their time has
 * come, and then hands them to the scheduler. A waiting job fails if a job before it does not
 * succeed.
 *
 * <p>One thread owns all state and does the reading and writing. The methods {@link #add}, {@link
 * #ended} and {@link #cancel} send a message to the thread and return at once.
 */
public final class WaitingJobs implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WaitingJobs.class);

  /** The longest time between two looks, because the time of day may be set anew. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);

  private final JobStore store;
  private final Scheduler scheduler;
  private final JobBoard board;
  private final SchedulerListener listener;
  private final ResultFeed feed;
  private final Clock clock;
  private final BlockingQueue<Message> queue = new LinkedBlockingQueue<>();
  private final Thread thread;

  private sealed interface Message {
    record Added(Job job, long version) implements Message {}

    record Check(JobId job) implements Message {}

    record Ended(JobId job) implements Message {}

    record Cancel(JobId job, CompletableFuture<Boolean> answer) implements Message {}

    /** A job that has begun gets the results of another as its inputs. */
    record Feed(JobId job, JobId from) implements Message {}

    record Look() implements Message {}

    record Stop() implements Message {}
  }

  /** A job, and those of the jobs it waits for that are not known to have succeeded. */
  private record Waiting(Job job, long version, Set<JobId> missing) {}

  /**
   * Held while a user changes a job, and while a job is read and handed over. A change in between
   * would reach the scheduler before the job, and be lost.
   */
  private final ReentrantLock changing = new ReentrantLock();

  // Owned by the thread.
  private final Map<JobId, Waiting> waiting = new HashMap<>();
  private final Map<JobId, Set<JobId>> dependents = new HashMap<>();

  /** Jobs that are stored as queued and that the scheduler does not have yet, after a fault. */
  private final Set<JobId> queued = new HashSet<>();

  /** Limits the warnings that the store is away. */
  private final LogThrottle warnings = new LogThrottle(Duration.ofMinutes(1));

  /** Messages that could not be handled because the store did not answer. Owned by the thread. */
  private final List<Message> unanswered = new ArrayList<>();

  public WaitingJobs(
      JobStore store,
      Scheduler scheduler,
      JobBoard board,
      SchedulerListener listener,
      Clock clock) {
    this.store = store;
    this.scheduler = scheduler;
    this.board = board;
    this.listener = listener;
    this.feed = new ResultFeed(store, scheduler);
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("waiting-jobs").unstarted(this::loop);
  }

  /**
   * Takes over the jobs that waited when the last service ended, goes on with copies of results,
   * and starts the thread.
   */
  public void start(List<Grant> unfinished) {
    for (Grant grant : unfinished) {
      Job job = grant.job();
      if (job.status().state() == JobState.WAITING) {
        add(job, grant.version());
      } else if (job.status().inputsOpen() && job.spec().inputs() instanceof Inputs.Results from) {
        feed.begin(job.id(), from.job());
      }
    }
    thread.start();
  }

  /** Keeps a job that is stored in state {@code WAITING}. */
  public void add(Job job, long version) {
    queue.add(new Message.Added(job, version));
  }

  /** Reports that a job has ended. Called when the end is durable. */
  public void ended(JobId job) {
    queue.add(new Message.Ended(job));
  }

  /** Ends a job if it waits. Completes with whether the job waited and was ended. */
  public CompletableFuture<Boolean> cancel(JobId job) {
    var answer = new CompletableFuture<Boolean>();
    queue.add(new Message.Cancel(job, answer));
    return answer;
  }

  /** Whether the thread is alive. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  /**
   * Makes a change of a job, in the store and then in the scheduler. Meanwhile no waiting job
   * begins and no other job is changed.
   */
  public <T> T change(Supplier<T> change) {
    changing.lock();
    try {
      return change.get();
    } finally {
      changing.unlock();
    }
  }

  @Override
  public void close() {
    feed.close();
    queue.add(new Message.Stop());
  }

  // ---- all below runs in the thread

  private void loop() {
    while (true) {
      Message message = null;
      try {
        Duration pause = unanswered.isEmpty() ? untilNext() : LONGEST_LOOK;
        message = queue.poll(pause.toMillis(), TimeUnit.MILLISECONDS);
        if (message instanceof Message.Stop) {
          return;
        }
        take(message);
      } catch (InterruptedException e) {
        return;
      } catch (StoreException | CompletionException later) {
        tell(later);
        unanswered.add(message == null ? new Message.Look() : message);
      } catch (RuntimeException bug) {
        log.error("a waiting job could not be dealt with", bug);
      } catch (Error noMemory) {
        log.error("a waiting job is looked after again soon", noMemory);
        unanswered.add(message == null ? new Message.Look() : message);
      }
    }
  }

  /** Logs the outage, but only once in a while: the store is tried every second. */
  private void tell(RuntimeException away) {
    if (warnings.allows()) {
      log.warn(
          "the store does not answer; waiting jobs are looked after when it does: {}",
          away.getMessage());
    }
    log.debug("a waiting job is looked after again soon", away);
  }

  private void take(@Nullable Message message) {
    switch (message) {
      case Message.Added added -> take(added);
      case Message.Check check -> check(check.job());
      case Message.Ended ended -> tellDependents(ended.job());
      case Message.Cancel cancel -> cancel.answer().complete(cancelNow(cancel.job()));
      case Message.Feed begun -> feed.begin(begun.job(), begun.from());
      case Message.Look look -> beginDue();
      case Message.Stop stop -> {}
      case null -> {
        queue.addAll(unanswered);
        unanswered.clear();
        checkLost();
        beginDue();
      }
    }
  }

  private Duration untilNext() {
    Instant now = clock.instant();
    return waiting.values().stream()
        .filter(one -> one.missing().isEmpty())
        .map(one -> Duration.between(now, notBefore(one)))
        .map(left -> left.isNegative() ? Duration.ZERO : left)
        .min(Duration::compareTo)
        .filter(left -> left.compareTo(LONGEST_LOOK) < 0)
        .orElse(LONGEST_LOOK);
  }

  private static Instant notBefore(Waiting one) {
    Instant at = one.job().spec().start().notBefore();
    return at == null ? Instant.MIN.plusSeconds(1L << 40) : at;
  }

  private void take(Message.Added added) {
    Job job = added.job();
    Set<JobId> all = job.spec().waitsFor();
    all.forEach(before -> dependents.computeIfAbsent(before, id -> new HashSet<>()).add(job.id()));
    queue.add(new Message.Check(job.id()));
    // Last: after a fault the message is taken again, when the job must not have begun.
    waiting.put(job.id(), new Waiting(job, added.version(), new HashSet<>(all)));
  }

  /**
   * Looks up the jobs that a waiting job waits for, and begins or fails the waiting job
   * accordingly. Awaited jobs may have ended before their end was observed, or before the service
   * started. The store knows how they ended, even if they were deleted.
   */
  private void check(JobId id) {
    Waiting one = waiting.get(id);
    if (one == null) {
      return;
    }
    for (JobId before : List.copyOf(one.missing())) {
      JobState state = store.stateOf(before).orElse(null);
      if (state == JobState.SUCCEEDED) {
        one.missing().remove(before);
        forgetDependent(before, id);
      } else if (state == null || state.isTerminal()) {
        fail(one, before, state);
        return;
      }
    }
    beginIfDue(one);
  }

  private void forgetDependent(JobId before, JobId id) {
    dependents.computeIfPresent(
        before,
        (ended, ids) -> {
          ids.remove(id);
          return ids.isEmpty() ? null : ids;
        });
  }

  private void tellDependents(JobId ended) {
    if (!dependents.containsKey(ended)) {
      return;
    }
    JobState state = store.stateOf(ended).orElse(null);
    List<Waiting> told =
        dependents.remove(ended).stream().map(waiting::get).filter(Objects::nonNull).toList();
    // The next look finds the jobs that are left if the store fails on the way.
    if (state == JobState.SUCCEEDED) {
      told.forEach(one -> one.missing().remove(ended));
      told.forEach(this::beginIfDue);
    } else {
      told.forEach(one -> fail(one, ended, state));
    }
  }

  /**
   * Checks the waiting jobs again that wait for a job that is not on the board. Nobody reports the
   * end of a job whose submission was revoked: it was stored, but its client had been refused.
   */
  private void checkLost() {
    for (Waiting one : List.copyOf(waiting.values())) {
      if (one.missing().stream().anyMatch(before -> board.status(before).isEmpty())) {
        check(one.job().id());
      }
    }
  }

  private void beginDue() {
    for (Waiting one : List.copyOf(waiting.values())) {
      beginIfDue(one);
    }
  }

  private void beginIfDue(Waiting one) {
    if (!one.missing().isEmpty() || clock.instant().isBefore(notBefore(one))) {
      return;
    }
    JobId id = one.job().id();
    boolean isOurs = queued.contains(id) || store.queue(id, one.version()).join();
    if (isOurs) {
      queued.add(id);
    }
    Job begun = isOurs ? change(() -> begin(id, one.version())).orElse(null) : null;
    waiting.remove(id);
    queued.remove(id);
    if (begun != null && begun.spec().inputs() instanceof Inputs.Results from) {
      queue.add(new Message.Feed(id, from.job()));
    }
  }

  /** Hands a job over as it is now, because it may have changed while it waited. */
  private Optional<Job> begin(JobId id, long version) {
    Optional<Job> job = store.find(id);
    job.ifPresent(now -> scheduler.run(now, version));
    return job;
  }

  private boolean cancelNow(JobId id) {
    Waiting one = waiting.get(id);
    if (one == null) {
      return false;
    }
    end(one, JobState.CANCELLED, "cancelled", null);
    return true;
  }

  private void fail(Waiting one, JobId before, @Nullable JobState state) {
    String why =
        state == null
            ? "job " + before + ", which it waited for, is no longer there"
            : "job " + before + ", which it waited for, has ended as " + state;
    end(
        one,
        JobState.FAILED,
        "dependency",
        new JobError("DEPENDENCY", why + "; nothing of this job has run", null));
  }

  private void end(Waiting one, JobState state, String stopReason, @Nullable JobError error) {
    JobStatus was = one.job().status();
    var status =
        JobStatus.builder(state, was.tally().skipRest())
            .finishedAt(clock.instant())
            .stopReason(stopReason)
            .error(error)
            .chunkSizes(was.chunkSizes())
            .build();
    JobId id = one.job().id();
    one.missing().forEach(before -> forgetDependent(before, id));
    store.finish(id, one.version(), status).join();
    listener.finished(one.job(), status);
    listener.ended(one.job(), status);
    board.remove(id, status);
    waiting.remove(id); // not before: the end is tried again after a fault
  }
}
