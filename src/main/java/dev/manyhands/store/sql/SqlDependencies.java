package dev.manyhands.store.sql;

import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.store.writer.Transaction;
import java.sql.SQLException;

/**
 * Notes which jobs a job waits for, and how each of them had ended when it was deleted. A fulfilled
 * dependency stays fulfilled, whatever happens to the other job, also after a restart. All methods
 * belong to the writer's thread.
 */
final class SqlDependencies {
  /** Tests whether the job in a row of {@code job} has results that another job has yet to take. */
  static final String FEEDS_ANOTHER =
      "EXISTS (SELECT 1 FROM dependency JOIN job AS later ON later.id = dependency.job_id"
          + " WHERE dependency.before_id = job.id AND dependency.is_input = 1"
          + " AND later.inputs_open = 1)";

  /** Selects the state of a job, or the state in which it was deleted if another job names it. */
  static final String STATE =
      "SELECT state FROM job WHERE id = ? UNION ALL SELECT ended_as FROM dependency WHERE before_id"
          + " = ? AND ended_as IS NOT NULL LIMIT 1";

  private SqlDependencies() {}

  /** Notes the jobs that a job waits for. A second call changes nothing. */
  static void insert(Transaction transaction, Job job) throws SQLException {
    for (JobId before : job.spec().waitsFor()) {
      boolean isInput =
          job.spec().inputs() instanceof Inputs.Results from && from.job().equals(before);
      transaction.update(
          "INSERT INTO dependency (job_id, before_id, is_input) VALUES (?, ?, ?)"
              + " ON CONFLICT DO NOTHING",
          job.id().toString(),
          before.toString(),
          isInput ? 1L : 0L);
    }
  }

  /**
   * Notes how a job had ended that is deleted in the transaction. Jobs that wait for it must know
   * this.
   */
  static void deleted(Transaction transaction, JobId id, String state) throws SQLException {
    transaction.update(
        "UPDATE dependency SET ended_as = ? WHERE before_id = ?", state, id.toString());
  }

  static boolean feedsAnother(Transaction transaction, JobId id) throws SQLException {
    return !transaction
        .query(
            "SELECT 1 FROM job WHERE id = ? AND " + FEEDS_ANOTHER,
            row -> row.getLong(1),
            id.toString())
        .isEmpty();
  }

  /** Deletes the notes on the jobs that a job waited for. */
  static void forget(Transaction transaction, JobId id) throws SQLException {
    transaction.update("DELETE FROM dependency WHERE job_id = ?", id.toString());
  }
}
