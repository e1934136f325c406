package dev.manyhands.store;

import dev.manyhands.job.JobId;
import dev.manyhands.store.Write.WhenAway;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Removes the inputs and outcomes of jobs that are not there: deleted, or never submitted. They may
 * be gigabytes, so it goes slice by slice, each a write of its own at the end of the queue. What is
 * cut short is found by the next start.
 */
final class Sweep {

  static final int SLICE_ROWS = 64;

  private static final List<String> TABLES = List.of("input_segment", "outcome");

  private final GroupCommit writer;

  Sweep(GroupCommit writer) {
    this.writer = writer;
  }

  /** Removes what is left of a job; nothing while the job is there. Completes when all is gone. */
  CompletableFuture<Void> of(JobId id) {
    CompletableFuture<Boolean> slice =
        writer.write(WhenAway.WAIT, 0, transaction -> removeSlice(transaction, id));
    return slice.thenCompose(more -> more ? of(id) : CompletableFuture.<Void>completedFuture(null));
  }

  private static boolean removeSlice(Transaction transaction, JobId id) throws SQLException {
    for (String table : TABLES) {
      int removed = transaction.update(slice(table), id.toString(), id.toString(), id.toString());
      if (removed == SLICE_ROWS) {
        return true;
      }
    }
    return false;
  }

  private static String slice(String table) {
    return ("DELETE FROM "
            + table
            + " WHERE job_id = ? AND first_index <= (SELECT MAX(first_index)")
        + (" FROM (SELECT first_index FROM " + table + " WHERE job_id = ?")
        + (" ORDER BY first_index LIMIT " + SLICE_ROWS + ") AS slice)")
        + " AND NOT EXISTS (SELECT 1 FROM job WHERE id = ?)";
  }

  /** Jobs that are not there and yet have inputs or outcomes. */
  static List<JobId> orphans(Transaction transaction) throws SQLException {
    return transaction.query(
        ("WITH RECURSIVE " + owners("input_segment") + ", " + owners("outcome"))
            + " SELECT id FROM (SELECT id FROM input_segment_owner UNION SELECT id FROM"
            + " outcome_owner) AS owner WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job"
            + " WHERE job.id = owner.id)",
        row -> JobRows.jobId(row.getString(1)));
  }

  /**
   * The distinct jobs of a table by hopping from one to the next in its key, not by reading all of
   * it.
   */
  private static String owners(String table) {
    String owner = table + "_owner";
    return (owner + "(id) AS (SELECT MIN(job_id) FROM " + table + " UNION ALL")
        + (" SELECT (SELECT MIN(job_id) FROM " + table + " WHERE job_id > " + owner + ".id)")
        + (" FROM " + owner + " WHERE " + owner + ".id IS NOT NULL)");
  }
}
