package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.JobRows.OPEN_STATES;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.store.KeyedAppend;
import dev.manyhands.store.writer.Dialect;
import dev.manyhands.store.writer.Transaction;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements of each write about inputs. They run inside the writer's transaction. */
final class InputWrites {
  private final Dialect dialect;

  InputWrites(Dialect dialect) {
    this.dialect = dialect;
  }

  void insert(Transaction transaction, JobId id, InputSegment segment) throws SQLException {
    transaction.update(
        "INSERT INTO input_segment (job_id, first_index, item_count, bytes) VALUES (?, ?, ?, ?)",
        id.toString(),
        segment.items().first(),
        segment.items().count(),
        segment.bytes());
    if (segment.origins() != null) {
      SqlRetriedItems.insert(transaction, id, segment.origins());
    }
  }

  Optional<ItemRange> append(
      Transaction transaction, JobId id, InputsOwner by, byte[] joined, int count)
      throws SQLException {
    Optional<Long> total = openTotal(transaction, id, by);
    return total.isEmpty()
        ? Optional.empty()
        : Optional.of(append(transaction, id, total.get(), joined, count));
  }

  Optional<ItemRange> append(
      Transaction transaction, JobId id, KeyedAppend.Part part, byte[] joined, int count)
      throws SQLException {
    Optional<Long> total = openTotal(transaction, id, InputsOwner.CLIENT);
    return total.isPresent() && SqlAppendKeys.advance(transaction, id, part)
        ? Optional.of(append(transaction, id, total.get(), joined, count))
        : Optional.empty();
  }

  Optional<ItemRange> appendAt(
      Transaction transaction,
      JobId id,
      long first,
      KeyedAppend.@Nullable Part part,
      byte[] joined,
      int count)
      throws SQLException {
    Optional<Long> total = openTotal(transaction, id, InputsOwner.CLIENT);
    boolean isNext = total.isPresent() && total.get() == first;
    return isNext && (part == null || SqlAppendKeys.advance(transaction, id, part))
        ? Optional.of(append(transaction, id, first, joined, count))
        : Optional.empty();
  }

  static Optional<Long> itemsOf(Transaction transaction, JobId id) throws SQLException {
    return transaction
        .query("SELECT total FROM job WHERE id = ?", row -> row.getLong(1), id.toString())
        .stream()
        .findFirst();
  }

  private ItemRange append(Transaction transaction, JobId id, long total, byte[] joined, int count)
      throws SQLException {
    var items = ItemRange.ofCount(total, count);
    transaction.update("UPDATE job SET total = ? WHERE id = ?", items.end(), id.toString());
    insert(transaction, id, new InputSegment(items, joined));
    return items;
  }

  Optional<Long> closeInputs(Transaction transaction, JobId id, InputsOwner by)
      throws SQLException {
    Optional<Long> total = openTotal(transaction, id, by);
    if (total.isPresent()) {
      transaction.update("UPDATE job SET inputs_open = 0 WHERE id = ?", id.toString());
    }
    return total;
  }

  /**
   * Returns how many items a job has, if it takes more from this owner of its inputs. Locks the
   * job's row for the rest of the transaction.
   */
  private Optional<Long> openTotal(Transaction transaction, JobId id, InputsOwner by)
      throws SQLException {
    return transaction
        .query(
            "SELECT total FROM job WHERE id = ? AND inputs_open = 1 AND inputs_owner = ?"
                + (" AND state IN " + OPEN_STATES + dialect.lockingRow()),
            row -> row.getLong(1),
            id.toString(),
            by.name())
        .stream()
        .findFirst();
  }

  /**
   * Undoes an append that was reported as failed. Returns false, and changes nothing, if its inputs
   * are no longer the last ones.
   */
  boolean takeBack(Transaction transaction, JobId id, ItemRange last) throws SQLException {
    int taken =
        transaction.update(
            "UPDATE job SET total = ?, skipped = CASE WHEN finished_at IS NULL THEN skipped ELSE"
                + " skipped - ? END WHERE id = ? AND total = ?",
            last.first(),
            last.count(),
            id.toString(),
            last.end());
    if (taken == 1) {
      transaction.update(
          "DELETE FROM input_segment WHERE job_id = ? AND first_index = ?",
          id.toString(),
          last.first());
    }
    return taken == 1;
  }

  /** Undoes the insertion of inputs that were sent ahead. The insertion was reported as failed. */
  void takeBack(Transaction transaction, JobId id, InputSegment ahead) throws SQLException {
    transaction.update(
        "DELETE FROM input_segment WHERE job_id = ? AND first_index = ?",
        id.toString(),
        ahead.items().first());
    if (ahead.origins() != null) {
      SqlRetriedItems.takeBack(transaction, id, ahead.origins());
    }
  }

  /** Undoes that the inputs were closed, unless the job has ended. */
  void reopenInputs(Transaction transaction, JobId id) throws SQLException {
    transaction.update(
        "UPDATE job SET inputs_open = 1 WHERE id = ? AND state IN " + OPEN_STATES, id.toString());
  }
}
