package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the inputs, the outcomes and the shared objects of jobs that do not exist: deleted, or
 * never submitted. Removes the shared objects of deleted sets, too. The rows may be gigabytes. They
 * are therefore removed slice by slice, each in a write of its own at the end of the queue. The
 * next start finishes a sweep that was cut short.
 */
final class Sweep {
  private static final Logger log = LoggerFactory.getLogger(Sweep.class);

  static final int SLICE_ROWS = 64;

  /** Entries of shared objects are small: those of a job have 16 MiB together. */
  static final int SLICE_ENTRIES = 1_024;

  /** An index after every item. */
  private static final long END = Long.MAX_VALUE;

  private final GroupCommit writer;

  Sweep(GroupCommit writer) {
    this.writer = writer;
  }

  /**
   * Removes the remains of a deleted job; does nothing if the job exists. Completes when all are
   * removed.
   */
  CompletableFuture<Void> of(JobId id) {
    // Inputs go after the rows that belong to them, because a start finds the remains by the
    // inputs.
    return from(id, "retried_items", 0)
        .thenCompose(originsGone -> from(id, "input_segment", 0))
        .thenCompose(inputsGone -> from(id, "outcome", 0))
        .thenCompose(outcomesGone -> of(SharedSetId.of(id)));
  }

  /** Removes the objects of a deleted set; does nothing if the set or its job exists. */
  CompletableFuture<Void> of(SharedSetId set) {
    return sharedFrom(set, new Place("", ""));
  }

  /**
   * Deletes a row, which leaves remains.
   *
   * @param deletion returns whether the row was there
   * @param later sweeps the remains
   */
  CompletableFuture<Boolean> after(Write.Work<Boolean> deletion, Runnable later) {
    CompletableFuture<Boolean> deleted =
        writer.write(
            new Write<>(
                OnOutage.FREE,
                SqlJobStore.ROW_BYTES,
                deletion,
                (transaction, gone) -> later.run())); // deleted, even if its user got an error
    return deleted.thenApply(gone -> {
      if (gone) {
        later.run();
      }
      return gone;
    });
  }

  /** Removes the remains of a job. No caller waits, and the next start removes what is left. */
  void later(JobId id) {
    unattended(of(id), "job", id);
  }

  /** Removes the objects of a set, as {@link #later(JobId)} does. */
  void later(SharedSetId set) {
    unattended(of(set), "set", set);
  }

  private static void unattended(CompletableFuture<Void> sweep, String kind, Object id) {
    var _ =
        sweep.exceptionally(failure -> {
          log.info("left rows of a deleted {} for the next start, {}={}", kind, kind, id, failure);
          return null;
        });
  }

  /**
   * Continues where the last slice ended. On PostgreSQL, a search from 0 would read all dead rows.
   */
  private CompletableFuture<Void> from(JobId id, String table, long first) {
    CompletableFuture<Long> slice =
        writer.write(OnOutage.SWEEP, 0, transaction -> removeSlice(transaction, id, table, first));
    return slice.thenCompose(next ->
        next == END ? CompletableFuture.<Void>completedFuture(null) : from(id, table, next));
  }

  /** Removes a slice; returns where the next slice begins. */
  private static long removeSlice(Transaction transaction, JobId id, String table, long first)
      throws SQLException {
    List<Long> next =
        transaction.query(
            ("SELECT first_index FROM " + table + " WHERE job_id = ? AND first_index >= ?")
                + (" ORDER BY first_index LIMIT 1 OFFSET " + SLICE_ROWS),
            row -> row.getLong(1),
            id.toString(),
            first);
    long end = next.isEmpty() ? END : next.getFirst();
    transaction.update(
        ("DELETE FROM " + table + " WHERE job_id = ? AND first_index >= ? AND first_index < ?")
            + " AND NOT EXISTS (SELECT 1 FROM job WHERE id = ?)",
        id.toString(),
        first,
        end,
        id.toString());
    return end;
  }

  /** The key of an entry of a shared object. */
  private record Place(String object, String key) {}

  private CompletableFuture<Void> sharedFrom(SharedSetId id, Place first) {
    CompletableFuture<Place> slice =
        writer.write(OnOutage.SWEEP, 0, transaction -> removeShared(transaction, id, first));
    return slice.thenCompose(next ->
        next == null ? CompletableFuture.<Void>completedFuture(null) : sharedFrom(id, next));
  }

  /** Removes a slice; returns where the next slice begins, or null after the last. */
  private static @Nullable Place removeShared(Transaction transaction, SharedSetId id, Place first)
      throws SQLException {
    List<Place> next =
        transaction.query(
            "SELECT object, entry_key FROM shared_entry"
                + " WHERE job_id = ? AND (object, entry_key) >= (?, ?)"
                + (" ORDER BY object, entry_key LIMIT 1 OFFSET " + SLICE_ENTRIES),
            row -> new Place(row.getString(1), row.getString(2)),
            id.toString(),
            first.object(),
            first.key());
    String slice = "DELETE FROM shared_entry WHERE job_id = ? AND (object, entry_key) >= (?, ?)";
    String ofNone =
        " AND NOT EXISTS (SELECT 1 FROM job WHERE id = ?)"
            + " AND NOT EXISTS (SELECT 1 FROM shared_set WHERE id = ?)";
    if (next.isEmpty()) {
      transaction.update(
          slice + ofNone, id.toString(), first.object(), first.key(), id.toString(), id.toString());
      return null;
    }
    Place end = next.getFirst();
    transaction.update(
        slice + " AND (object, entry_key) < (?, ?)" + ofNone,
        id.toString(),
        first.object(),
        first.key(),
        end.object(),
        end.key(),
        id.toString(),
        id.toString());
    return end;
  }

  /**
   * Returns the jobs that do not exist and yet have inputs, outcomes or shared objects. A deleted
   * set that still has objects is among them.
   */
  static List<JobId> orphans(Transaction transaction) throws SQLException {
    return transaction.query(
        "WITH RECURSIVE "
            + String.join(", ", owners("input_segment"), owners("outcome"), owners("shared_entry"))
            + " SELECT id FROM (SELECT id FROM input_segment_owner UNION SELECT id FROM"
            + " outcome_owner UNION SELECT id FROM shared_entry_owner) AS owner WHERE id IS NOT"
            + " NULL AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = owner.id)"
            + " AND NOT EXISTS (SELECT 1 FROM shared_set WHERE shared_set.id = owner.id)",
        row -> JobRows.jobId(row.getString(1)));
  }

  /**
   * Returns a query for the distinct jobs of a table. It steps from one job to the next in the key,
   * and does not read the whole table.
   */
  private static String owners(String table) {
    String owner = table + "_owner";
    return (owner + "(id) AS (SELECT MIN(job_id) FROM " + table + " UNION ALL")
        + (" SELECT (SELECT MIN(job_id) FROM " + table + " WHERE job_id > " + owner + ".id)")
        + (" FROM " + owner + " WHERE " + owner + ".id IS NOT NULL)");
  }
}
