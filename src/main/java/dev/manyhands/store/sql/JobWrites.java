package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.JobRows.OPEN_STATES;
import static dev.manyhands.store.sql.JobRows.micros;
import static dev.manyhands.store.sql.JobRows.nullableMicros;

import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.writer.Dialect;
import dev.manyhands.store.writer.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The statements of each write about a job. They run inside the writer's transaction.
 *
 * <p>The fence: a write under a version is valid only while the job's row still has that version
 * and has not ended. The row is locked for the rest of the transaction.
 */
final class JobWrites {

  /** A version that no job has. It means that the job does not exist, or has ended. */
  private static final long NOT_OPEN = 0;

  /**
   * Inserts nothing when the definition that the row names is not stored, as for the first job of a
   * function. A cache of stored definitions would save nothing, and could be wrong.
   */
  private static final String INSERT_JOB =
      "INSERT INTO job (id, state, version, function_name, function_digest, runtime, submitted_at,"
          + " started_at, finished_at, total, succeeded, failed, skipped, chunks, work_seconds,"
          + " workers_used, stop_reason, error, inputs_open, matched, cached, chunk_sizes,"
          + " ttl_micros, inputs_owner, outline, details, result, parent_id, shared_set_id,"
          + " definition_digest)"
          + " SELECT ?, ?, ?, ?, ?, ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT), ?, ?, ?, ?, ?, ?,"
          + " ?, ?, ?, ?, ?, ?, ?, CAST(? AS BIGINT), ?, ?, ?, ?,"
          + " CAST(? AS TEXT), CAST(? AS TEXT), digest"
          + " FROM function_definition WHERE digest = ?";

  /**
   * Inserts nothing when a recorded row overlaps the new one. Recorded rows never overlap each
   * other. Therefore only the nearest row that begins before the end of the new one can overlap it:
   * one step in the primary key.
   *
   * <p>The place of the new row is where the last row of the job ends in the order of recording.
   * The statement reads the place from the table, inside the transaction that has locked the job's
   * row. A place is thus taken if and only if its row is committed: a rollback leaves neither a gap
   * nor a duplicate.
   */
  private static final String INSERT_OUTCOME =
      "INSERT INTO outcome (job_id, first_index, item_count, version, failed, run_seconds,"
          + " read_seconds, write_seconds, worker, pid, started_at, finished_at, attempt,"
          + " matched, cached, errors, item_values, peak_rss, cpu_seconds, item_times, place)"
          + " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS BIGINT),"
          + " CAST(? AS DOUBLE PRECISION), CAST(? AS TEXT),"
          + " COALESCE((SELECT place + item_count FROM outcome WHERE job_id = ?"
          + " ORDER BY place DESC LIMIT 1), 0) WHERE"
          + " COALESCE((SELECT first_index + item_count FROM outcome WHERE job_id = ? AND"
          + " first_index < ? ORDER BY first_index DESC LIMIT 1), 0) <= ?";

  /**
   * The number of items of a job that ends. Appends may have been accepted since its end was
   * decided.
   */
  private static final String TOTAL_AT_END = "CASE WHEN total > ? THEN total ELSE ? END";

  private final Dialect dialect;

  JobWrites(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * A new job as it is written.
   *
   * @param definition the digest of its function's definition
   */
  record NewJob(Job job, String definition, Asked asked, @Nullable String error) {}

  /**
   * The request of a user, as it is written.
   *
   * @param outline the JSON of what lists show
   * @param details the JSON of all but the function
   */
  record Asked(String outline, String details) {
    static Asked of(JobSpec spec) {
      return new Asked(JobJson.ofOutline(spec.outline()), JobJson.ofDetails(spec));
    }

    long bytes() {
      return (long) outline.length() + details.length();
    }
  }

  void insert(Transaction transaction, NewJob fresh) throws SQLException {
    Job job = fresh.job();
    if (insertRow(transaction, fresh) == 0) {
      Definitions.insert(transaction, fresh.definition(), job.spec().function().definition());
      insertRow(transaction, fresh);
    }
    if (job.spec().callback() != null) {
      SqlDeliveryStore.announce(transaction, job.id(), job.spec().callback());
    }
    SqlDependencies.insert(transaction, job);
    for (Map.Entry<String, String> label : job.spec().labels().entrySet()) {
      transaction.update(
          "INSERT INTO job_label (job_id, label_key, label_value) VALUES (?, ?, ?)",
          job.id().toString(),
          label.getKey(),
          label.getValue());
    }
  }

  private static int insertRow(Transaction transaction, NewJob fresh) throws SQLException {
    Job job = fresh.job();
    JobStatus status = job.status();
    Tally tally = status.tally();
    InputsOwner owner = job.spec().inputs().owner();
    return transaction.update(
        INSERT_JOB,
        job.id().toString(),
        status.state().name(),
        JobStore.FIRST_VERSION,
        job.spec().function().name(),
        job.spec().function().digest(),
        job.spec().function().definition().runtime().label(),
        micros(job.submittedAt()),
        nullableMicros(status.startedAt()),
        nullableMicros(status.finishedAt()),
        tally.total(),
        tally.succeeded(),
        tally.failed(),
        tally.skipped(),
        tally.chunks(),
        tally.workSeconds(),
        (long) status.workersUsed(),
        status.stopReason(),
        fresh.error(),
        status.inputsOpen() ? 1L : 0L,
        tally.matched(),
        tally.cached(),
        JobJson.ofChunkSizes(status.chunkSizes()),
        job.spec().ttl() == null ? null : micros(job.spec().ttl()),
        owner == null ? null : owner.name(),
        fresh.asked().outline(),
        fresh.asked().details(),
        status.result(),
        job.spec().parent() == null ? null : job.spec().parent().toString(),
        job.spec().sharedSet() == null ? null : job.spec().sharedSet().id().toString(),
        fresh.definition());
  }

  /**
   * Stores the changed request; returns the replaced one, or nothing when the job has ended or does
   * not exist.
   */
  Optional<Asked> change(Transaction transaction, JobId id, Asked asked) throws SQLException {
    Optional<Asked> before =
        transaction
            .query(
                ("SELECT outline, details FROM job WHERE id = ? AND state IN " + OPEN_STATES)
                    + dialect.lockingRow(),
                row -> new Asked(row.getString(1), row.getString(2)),
                id.toString())
            .stream()
            .findFirst();
    if (before.isPresent()) {
      transaction.update(
          "UPDATE job SET outline = ?, details = ? WHERE id = ?",
          asked.outline(),
          asked.details(),
          id.toString());
    }
    return before;
  }

  boolean queue(Transaction transaction, JobId id, long version) throws SQLException {
    return transaction.update(
            "UPDATE job SET state = 'QUEUED' WHERE id = ? AND version = ? AND state IN ('WAITING', 'QUEUED')",
            id.toString(),
            version)
        == 1;
  }

  boolean start(Transaction transaction, JobId id, long version, Instant at) throws SQLException {
    return transaction.update(
            "UPDATE job SET state = 'RUNNING', started_at = COALESCE(started_at, ?)"
                + (" WHERE id = ? AND version = ? AND state IN " + OPEN_STATES),
            micros(at),
            id.toString(),
            version)
        == 1;
  }

  boolean record(
      Transaction transaction,
      JobId id,
      long version,
      OutcomeReport report,
      @Nullable String errors)
      throws SQLException {
    if (!isOpen(transaction, id, version)) {
      return false;
    }
    var outcomes = report.outcomes();
    var items = outcomes.items();
    var times = outcomes.cost().times();
    return transaction.update(
            INSERT_OUTCOME,
            id.toString(),
            items.first(),
            items.count(),
            version,
            (long) outcomes.errors().size(),
            outcomes.cost().run(),
            outcomes.cost().read(),
            outcomes.cost().write(),
            report.worker(),
            report.pid(),
            micros(report.startedAt()),
            micros(report.finishedAt()),
            (long) report.attempt(),
            outcomes.matched(),
            report.worker() == OutcomeReport.REMEMBERED ? items.count() : 0L,
            errors,
            outcomes.values(),
            outcomes.cost().peakRss(),
            outcomes.cost().cpu(),
            times == null ? null : times.encoded(items, outcomes.errors()),
            id.toString(),
            id.toString(),
            items.end(),
            items.first())
        == 1;
  }

  /** Returns whether the job has this version and has not ended. Locks the job's row. */
  boolean isOpen(Transaction transaction, JobId id, long version) throws SQLException {
    long open = openVersion(transaction, id);
    return open != NOT_OPEN && open == version;
  }

  private long openVersion(Transaction transaction, JobId id) throws SQLException {
    Long known = transaction.openVersions().get(id);
    if (known != null) {
      return known;
    }
    var found =
        transaction.query(
            ("SELECT version FROM job WHERE id = ? AND state IN " + OPEN_STATES)
                + dialect.lockingRow(),
            row -> row.getLong(1),
            id.toString());
    long version = found.isEmpty() ? NOT_OPEN : found.getFirst();
    transaction.openVersions().put(id, version);
    return version;
  }

  Optional<JobStatus> finish(
      Transaction transaction,
      JobId id,
      long version,
      JobStatus status,
      @Nullable String error,
      @Nullable String failures)
      throws SQLException {
    transaction.openVersions().remove(id);
    Optional<JobStatus> ended = end(transaction, id, version, status, error);
    if (ended.isPresent() && failures != null) {
      transaction.update(
          "INSERT INTO job_failures (job_id, failures) VALUES (?, ?)", id.toString(), failures);
    }
    return ended;
  }

  private static Optional<JobStatus> end(
      Transaction transaction, JobId id, long version, JobStatus status, @Nullable String error)
      throws SQLException {
    Tally tally = status.tally();
    record Ended(long total, @Nullable String sharedSet) {}
    List<Ended> ended =
        transaction.query(
            "UPDATE job SET state = ?, started_at = ?, finished_at = ?, total = "
                + TOTAL_AT_END
                + ", succeeded = ?, failed = ?, skipped = "
                + (TOTAL_AT_END + " - ?, chunks = ?, work_seconds = ?, workers_used = ?,")
                + " stop_reason = ?, error = ?, matched = ?, cached = ?, result = ?, chunk_sizes = ?,"
                + " inputs_open = 0"
                + (" WHERE id = ? AND version = ? AND state IN " + OPEN_STATES)
                + " RETURNING total, shared_set_id",
            row -> new Ended(row.getLong(1), row.getString(2)),
            status.state().name(),
            nullableMicros(status.startedAt()),
            nullableMicros(status.finishedAt()),
            tally.total(),
            tally.total(),
            tally.succeeded(),
            tally.failed(),
            tally.total(),
            tally.total(),
            tally.total() - tally.skipped(),
            tally.chunks(),
            tally.workSeconds(),
            (long) status.workersUsed(),
            status.stopReason(),
            error,
            tally.matched(),
            tally.cached(),
            status.result(),
            JobJson.ofChunkSizes(status.chunkSizes()),
            id.toString(),
            version);
    for (Ended one : ended) {
      SqlNamedSetStore.usedUntil(transaction, one.sharedSet(), nullableMicros(status.finishedAt()));
    }
    return ended.stream().findFirst().map(one -> status.withSkipped(one.total() - tally.total()));
  }

  /** The row of a job that is deleted. */
  private record Deleted(String state, String definition) {}

  /** Deletes the row of an ended job. Its inputs and outcomes remain, for {@link Sweep} to find. */
  boolean deleteEnded(Transaction transaction, JobId id) throws SQLException {
    List<Deleted> gone =
        transaction.query(
            ("DELETE FROM job WHERE id = ? AND state NOT IN " + OPEN_STATES)
                + " RETURNING state, definition_digest",
            row -> new Deleted(row.getString(1), row.getString(2)),
            id.toString());
    for (Deleted job : gone) {
      SqlDependencies.deleted(transaction, id, job.state());
      Definitions.sweep(transaction, List.of(job.definition()));
      deleteSmallRows(transaction, id);
    }
    return !gone.isEmpty();
  }

  /** Undoes a submission that was reported as failed. */
  void takeBack(Transaction transaction, JobId id) throws SQLException {
    Definitions.sweep(
        transaction,
        transaction.query(
            "DELETE FROM job WHERE id = ? RETURNING definition_digest",
            row -> row.getString(1),
            id.toString()));
    deleteSmallRows(transaction, id);
  }

  private static void deleteSmallRows(Transaction transaction, JobId id) throws SQLException {
    transaction.openVersions().remove(id);
    transaction.update("DELETE FROM job_label WHERE job_id = ?", id.toString());
    transaction.update("DELETE FROM job_failures WHERE job_id = ?", id.toString());
    transaction.update("DELETE FROM idempotency WHERE job_id = ?", id.toString());
    SqlDependencies.forget(transaction, id);
    SqlAppendKeys.forget(transaction, id);
    SqlCancelledItems.forget(transaction, id);
    SqlJobNotes.forget(transaction, id);
    SqlDeliveryStore.forget(transaction, id);
    SqlBundleStore.release(transaction, id.toString());
  }
}
