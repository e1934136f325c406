package dev.manyhands.store.sql;

import static java.util.Collections.nCopies;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.store.CancelledItems;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Cancelled items, as ranges that do not overlap. Ranges of earlier services may touch each other.
 */
final class SqlCancelledItems implements CancelledItems {
  private static final long RANGE_BYTES = 100;

  /** The most ranges of one statement. */
  private static final int MOST_ROWS = 64;

  private final Database database;
  private final JobWrites writes;
  private final RowsOfJobs rows;

  SqlCancelledItems(Database database, JobWrites writes) {
    this.database = database;
    this.writes = writes;
    this.rows = new RowsOfJobs(database);
  }

  @Override
  public CompletableFuture<Boolean> add(
      JobId id, long version, List<ItemRange> items, List<ItemRange> grown) {
    return database
        .writer()
        .write(
            OnOutage.WAIT,
            SqlJobStore.ROW_BYTES + (items.size() + grown.size()) * RANGE_BYTES,
            transaction -> {
              boolean isOpen = writes.isOpen(transaction, id, version);
              if (isOpen) {
                insert(transaction, id, items);
                replace(transaction, id, grown);
              }
              return isOpen;
            });
  }

  /** Stores new ranges. The few sizes of a group need few statements. */
  private static void insert(Transaction transaction, JobId id, List<ItemRange> items)
      throws SQLException {
    for (int from = 0; from < items.size(); ) {
      int count = Math.min(MOST_ROWS, Integer.highestOneBit(items.size() - from));
      var parameters = new ArrayList<Object>();
      for (ItemRange range : items.subList(from, from + count)) {
        parameters.addAll(List.of(id.toString(), range.first(), range.end()));
      }
      transaction.update(
          "INSERT INTO cancelled_items (job_id, first_index, end_index) VALUES "
              + String.join(", ", nCopies(count, "(?, ?, ?)")),
          parameters.toArray());
      from += count;
    }
  }

  /** Stores ranges in place of those that they contain. */
  private static void replace(Transaction transaction, JobId id, List<ItemRange> grown)
      throws SQLException {
    for (ItemRange range : grown) {
      transaction.update(
          "DELETE FROM cancelled_items WHERE job_id = ? AND end_index > ? AND end_index <= ?",
          id.toString(),
          range.first(),
          range.end());
    }
    insert(transaction, id, grown);
  }

  @Override
  public Optional<ItemRange> from(JobId id, long index) {
    return rows
        .read(
            id,
            "first_index, end_index FROM cancelled_items"
                + " WHERE job_id = ? AND end_index > ? ORDER BY end_index LIMIT 1",
            (row, number) -> new ItemRange(row.getLong("first_index"), row.getLong("end_index")),
            id.toString(),
            index)
        .stream()
        .findFirst();
  }

  /** Returns the cancelled items of a job as ascending ranges that do not touch. */
  static List<ItemRange> of(Transaction transaction, JobId id) throws SQLException {
    List<ItemRange> stored =
        transaction.query(
            "SELECT first_index, end_index FROM cancelled_items WHERE job_id = ?"
                + " ORDER BY end_index",
            row -> new ItemRange(row.getLong(1), row.getLong(2)),
            id.toString());
    var joined = new ArrayList<ItemRange>();
    for (ItemRange range : stored) {
      if (!joined.isEmpty() && joined.getLast().end() == range.first()) {
        joined.add(new ItemRange(joined.removeLast().first(), range.end()));
      } else {
        joined.add(range);
      }
    }
    return joined;
  }

  static void forget(Transaction transaction, JobId id) throws SQLException {
    transaction.update("DELETE FROM cancelled_items WHERE job_id = ?", id.toString());
  }
}
