package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.store.KeyedAppend;
import dev.manyhands.store.KeyedAppend.Part;
import dev.manyhands.store.writer.Transaction;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Notes which items were appended under which idempotency key, in the transaction of the append
 * itself. All methods but {@link #find} belong to the writer's thread.
 */
final class SqlAppendKeys {
  private SqlAppendKeys() {}

  static Optional<KeyedAppend> find(Database database, JobId id, String key) {
    return database
        .read(jdbc ->
            jdbc.query(
                "SELECT items, digest, complete FROM append_key WHERE job_id = ? AND append_key = ?",
                (row, number) ->
                    new KeyedAppend(row.getLong(1), row.getString(2), row.getLong(3) == 1),
                id.toString(),
                key))
        .stream()
        .findFirst();
  }

  /**
   * Notes a further part of a request. Returns false, and notes nothing, if another request has
   * gone on under the key.
   */
  static boolean advance(Transaction transaction, JobId id, Part part) throws SQLException {
    long before = part.before().items();
    return before == 0
        ? insert(transaction, id, part, 0)
        : transaction.update(
                "UPDATE append_key SET items = ?, digest = ? WHERE job_id = ? AND append_key = ?"
                    + " AND items = ? AND complete = 0",
                part.items(),
                part.digest(),
                id.toString(),
                part.key(),
                before)
            == 1;
  }

  private static boolean insert(Transaction transaction, JobId id, Part part, long complete)
      throws SQLException {
    return transaction.update(
            "INSERT INTO append_key (job_id, append_key, items, digest, complete) SELECT id, ?, ?,"
                + " ?, ? FROM job WHERE id = ? ON CONFLICT DO NOTHING",
            part.key(),
            part.items(),
            part.digest(),
            complete,
            id.toString())
        == 1;
  }

  /** Undoes {@link #advance}. */
  static void goBack(Transaction transaction, JobId id, Part part) throws SQLException {
    long before = part.before().items();
    if (before == 0) {
      transaction.update(
          "DELETE FROM append_key WHERE job_id = ? AND append_key = ? AND items = ? AND complete ="
              + " 0",
          id.toString(),
          part.key(),
          part.items());
    } else {
      transaction.update(
          "UPDATE append_key SET items = ?, digest = ? WHERE job_id = ? AND append_key = ? AND items"
              + " = ? AND complete = 0",
          before,
          part.before().digest(),
          id.toString(),
          part.key(),
          part.items());
    }
  }

  /**
   * Notes that a request has no more items; false if another has gone on under the key, or the job
   * is gone.
   */
  static boolean complete(Transaction transaction, JobId id, Part end) throws SQLException {
    return end.before().items() == 0
        ? insert(transaction, id, end, 1)
        : transaction.update(
                "UPDATE append_key SET items = ?, digest = ?, complete = 1 WHERE job_id = ? AND"
                    + " append_key = ? AND items = ? AND complete = 0",
                end.items(),
                end.digest(),
                id.toString(),
                end.key(),
                end.before().items())
            == 1;
  }

  static void forget(Transaction transaction, JobId id) throws SQLException {
    transaction.update("DELETE FROM append_key WHERE job_id = ?", id.toString());
  }
}
