package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.OwnershipLostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes outcomes of items to the store, the memo and the reductions. The answers come back as
 * messages. Owned by the scheduler's thread.
 */
final class OutcomeWrites {
  private static final Logger log = LoggerFactory.getLogger(OutcomeWrites.class);

  private final SchedulerPorts ports;
  private final Inbox inbox;
  private final RunningJobs running;
  private final Reductions reductions;
  private final UnstoredBytes unstored;

  /**
   * Completes when the store has answered about the last outcomes, and thus about all earlier ones.
   */
  private CompletableFuture<?> lastRecord = CompletableFuture.completedFuture(null);

  OutcomeWrites(
      SchedulerPorts ports,
      Inbox inbox,
      RunningJobs running,
      Reductions reductions,
      UnstoredBytes unstored) {
    this.ports = ports;
    this.inbox = inbox;
    this.running = running;
    this.reductions = reductions;
    this.unstored = unstored;
  }

  Inbox inbox() {
    return inbox;
  }

  /** Ends a job as failed, because some of its outcomes could not be stored. */
  void notStored(JobId job) {
    inbox.fail(job, SchedulerErrors.NOT_STORED_REASON, SchedulerErrors.NOT_STORED);
  }

  void start(Action.NoteStart start) {
    Job job = running.get(start.job());
    if (job != null) {
      ports.inform(
          listener -> listener.started(job, Duration.between(job.submittedAt(), start.at())));
    }
    var noted = ports.store().started(start.job(), start.version(), start.at());
    onAnswer(noted, start.job(), start.version(), 0);
  }

  /** Stores outcomes, and passes them to all components that count or keep them. */
  void record(Action.RecordOutcomes write) {
    Job job = running.get(write.job());
    if (job != null) {
      ports.inform(listener -> listener.reported(job, write.report()));
      ports.inform(_ -> remember(job, write.report()));
      reduce(write.job(), List.of(write.report().outcomes().values()));
    }
    var recorded = ports.store().record(write.job(), write.version(), write.report());
    long bytes = UnstoredBytes.weight(write.report().outcomes());
    unstored.add(bytes);
    onAnswer(recorded, write.job(), write.version(), bytes);
    lastRecord =
        recorded.handle((accepted, failure) -> {
          ports.board().stored(write.job());
          if (job != null && failure == null && accepted) {
            ports.inform(listener -> listener.stored(job, write.report()));
          }
          return null;
        });
  }

  /**
   * Completes the answer when all outcomes that were recorded so far are on disk, or were refused.
   */
  void whenStored(CompletableFuture<Void> answer) {
    CompletableFuture<?> _ = lastRecord.whenComplete((done, failure) -> answer.complete(null));
  }

  /**
   * Merges results of a job that reduces them; a failure ends the job. Values that wait to be
   * merged count as unstored.
   */
  void reduce(JobId job, List<byte[]> partials) {
    var merged = reductions.merge(job, partials);
    long bytes = merged.isDone() ? 0 : UnstoredBytes.REPORT + Reductions.bytes(partials);
    if (bytes > 0) {
      unstored.add(bytes);
    }
    CompletableFuture<?> _ =
        merged.whenComplete((done, failure) -> {
          if (bytes > 0) {
            inbox.add(new Message.Stored(bytes));
          }
          if (failure != null) {
            inbox.fail(job, Reductions.STOP_REASON, Reductions.error(failure));
          }
        });
  }

  /**
   * Passes values to the memo. They count as unstored until the memo has written them, because they
   * must not pile up either.
   */
  private void remember(Job job, OutcomeReport report) {
    if (!job.spec().remembers() || report.worker() == OutcomeReport.REMEMBERED) {
      return;
    }
    long bytes = UnstoredBytes.memoWeight(report.outcomes());
    var learned = ports.memo().learn(job, report.outcomes());
    unstored.add(bytes);
    CompletableFuture<?> _ = learned.thenRun(() -> inbox.add(new Message.Stored(bytes)));
  }

  /** Asks the store to note that a chunk runs alone. The answer is a {@link Message.Noted}. */
  void alone(Action.Dispatch alone) {
    var chunk = alone.chunk();
    int deaths = chunk.attempt() - 1;
    var noted = ports.store().alone(chunk.job(), chunk.version(), chunk.items(), deaths);
    onAnswer(noted, chunk.job(), chunk.version(), 0);
    CompletableFuture<?> _ =
        noted.whenComplete(
            (durable, failure) -> inbox.add(new Message.Noted(alone, failure == null && durable)));
  }

  /**
   * Handles the answer to a write. A refusal by the store's fence shows that this service no longer
   * owns the job.
   */
  void onAnswer(CompletableFuture<Boolean> write, JobId job, long version, long bytes) {
    CompletableFuture<?> _ =
        write.whenComplete((accepted, failure) -> {
          if (bytes > 0) {
            inbox.add(new Message.Stored(bytes));
          }
          if (OwnershipLostException.isCauseOf(failure)) {
            inbox.tell(new CoreEvent.LeaseLost(job, version));
          } else if (failure != null) {
            // A second try would be refused again. The job ends, so that it does not wait for ever.
            log.error("outcomes of job {} could not be stored", job, failure);
            notStored(job);
          } else if (!accepted) {
            log.warn("job {} is no longer ours under version {}", job, version);
            inbox.tell(new CoreEvent.LeaseLost(job, version));
          }
        });
  }
}
