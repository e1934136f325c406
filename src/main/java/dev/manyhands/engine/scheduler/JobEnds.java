package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.OwnershipLostException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends jobs: completes the reduction of their results and stores the end. Shows the end to users
 * once it is durable, or once it is certain that it cannot be stored. Used by the scheduler's
 * thread. The store answers in a thread of its own.
 */
final class JobEnds {
  private static final Logger log = LoggerFactory.getLogger(JobEnds.class);

  private final SchedulerPorts ports;
  private final Inbox inbox;
  private final RunningJobs running;
  private final Reductions reductions;
  private final UnstoredBytes unstored;
  private final TryAgain again;

  JobEnds(
      SchedulerPorts ports,
      Inbox inbox,
      RunningJobs running,
      Reductions reductions,
      UnstoredBytes unstored,
      TryAgain again) {
    this.ports = ports;
    this.inbox = inbox;
    this.running = running;
    this.reductions = reductions;
    this.unstored = unstored;
    this.again = again;
  }

  /** Ends a job, after its results were reduced if the job reduces them. */
  void reduceAndFinish(Action.Finish finish) {
    Job job = running.get(finish.job());
    boolean reduces = job != null && job.spec().reduce() != JobSpec.Reduce.LIST;
    var reduced = reductions.finish(finish, reduces);
    if (reduced.isDone()) {
      // No delay, so that the end shares a commit with the last outcomes.
      finishSurely(reduced.join());
    } else {
      unstored.add(UnstoredBytes.REPORT);
      CompletableFuture<?> _ = reduced.thenAccept(whole -> inbox.add(new Message.Reduced(whole)));
    }
  }

  /** Ends a job, even if the end takes more than one try. */
  void finishSurely(Action.Finish finish) {
    try {
      finish(finish);
    } catch (Throwable fault) {
      log.error("the end of job {} is tried again", finish.job(), fault);
      again.later(() -> finishSurely(finish));
    }
  }

  private void finish(Action.Finish finish) {
    Job job = running.get(finish.job());
    JobStatus status = truthful(finish);
    if (job != null) {
      ports.inform(listener -> listener.finished(job, status));
    }
    var finished = ports.store().finish(finish.job(), finish.version(), status);
    running.end(finish.job());
    var last = finish.withStatus(status);
    CompletableFuture<?> _ =
        finished
            .handle((stored, failure) -> {
              answered(job, last, failure == null ? stored.orElse(null) : null, failure);
              return null;
            })
            .exceptionally(fault -> {
              inbox.add(new Message.Answered(job, last, finished, fault));
              return null;
            });
  }

  /** Shows the end of a job after a fault has kept the store's thread from it. */
  void answered(Message.Answered again) {
    log.error("the end of job {} is shown now", again.finish().job(), again.fault());
    answered(
        again.job(),
        again.finish(),
        again.answer().isCompletedExceptionally() ? null : again.answer().join().orElse(null),
        again.answer().isCompletedExceptionally() ? again.answer().exceptionNow() : null);
  }

  /**
   * Returns the status that was decided. A job that ran to its end fails instead, if outcomes did
   * not reach the store.
   */
  private JobStatus truthful(Action.Finish finish) {
    JobStatus decided = finish.status();
    boolean ranToItsEnd = decided.state() == JobState.SUCCEEDED || decided.stopReason() == null;
    return ranToItsEnd && running.isIncomplete(finish.job()) ? notStored(decided) : decided;
  }

  private static JobStatus notStored(JobStatus decided) {
    return decided.failed(SchedulerErrors.NOT_STORED_REASON, SchedulerErrors.NOT_STORED);
  }

  /**
   * Handles the answer of the store, in a thread of the store.
   *
   * @param last the status as stored; null if this service no longer owns the job, or after a
   *     failure
   */
  private void answered(
      @Nullable Job job,
      Action.Finish finish,
      @Nullable JobStatus last,
      @Nullable Throwable failure) {
    JobStatus status = finish.status();
    if (last != null) {
      if (job != null) {
        ports.inform(listener -> listener.ended(job, last));
      }
      ports.board().remove(finish.job(), last, true);
    } else if (failure == null || OwnershipLostException.isCauseOf(failure)) {
      log.warn("job {} did not end here: it is no longer ours", finish.job());
      ports.board().drop(finish.job());
    } else if (SchedulerErrors.NOT_STORED.equals(status.error())) {
      log.error("the end of job {} was not stored", finish.job(), failure);
      ports.board().remove(finish.job(), status, false);
    } else {
      // Earlier outcomes were not stored either. The end is tried once more, as a failure that
      // reports this.
      log.error("the end of job {} was not stored", finish.job(), failure);
      inbox.add(new Message.NotEnded(job, finish.withStatus(notStored(status))));
    }
  }
}
