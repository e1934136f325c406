package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.SqlJobStore.ROW_BYTES;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Writes the start and the end of a job that runs. */
final class StatusWrites {
  private final GroupCommit writer;
  private final JobWrites writes;

  /**
   * Jobs that lack outcomes which could not be stored. They must not end as if no outcome were
   * missing. The writer's thread adds and reads them, before it writes the end of the job.
   */
  private final Set<JobId> incomplete = ConcurrentHashMap.newKeySet();

  /** Jobs whose end waits for the writer, or is being written. */
  private final Set<JobId> ending = ConcurrentHashMap.newKeySet();

  StatusWrites(GroupCommit writer, JobWrites writes) {
    this.writer = writer;
    this.writes = writes;
  }

  CompletableFuture<Boolean> started(JobId id, long version, Instant at) {
    // Waits for other writes: the results of a short job follow a moment later. If the end follows
    // as well, the row is written once instead of twice. The end has the time of the start.
    return writer.write(
        Write.withOthers(
            OnOutage.WAIT,
            ROW_BYTES,
            transaction ->
                ending.contains(id)
                    ? writes.isOpen(transaction, id, version)
                    : writes.start(transaction, id, version, at)));
  }

  /** Notes that outcomes of a job could not be stored. */
  void outcomesLost(JobId id) {
    incomplete.add(id);
  }

  CompletableFuture<Optional<JobStatus>> finish(JobId id, long version, JobStatus status) {
    if (!status.state().isTerminal()) {
      throw new IllegalArgumentException("a job does not end as " + status.state());
    }
    String error = JobJson.ofJobError(status.error());
    String failures = JobJson.ofFailures(status.failures());
    ending.add(id);
    return writer.write(
        OnOutage.WAIT,
        ROW_BYTES + (failures == null ? 0 : failures.length()),
        transaction -> {
          ending.remove(id);
          boolean ranToItsEnd = status.stopReason() == null || status.state() == JobState.SUCCEEDED;
          if (ranToItsEnd && incomplete.contains(id)) {
            throw new StoreException("outcomes of job " + id + " were not stored", null);
          }
          var ended = writes.finish(transaction, id, version, status, error, failures);
          incomplete.remove(id);
          return ended;
        });
  }
}
