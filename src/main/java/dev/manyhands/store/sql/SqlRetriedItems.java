package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.model.ParentItems;
import dev.manyhands.store.RetriedItems;
import dev.manyhands.store.writer.Transaction;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The origins of the items of retries, in a row for each segment of their inputs. A row is written
 * in the transaction of its segment. Retries of earlier versions have no rows.
 */
final class SqlRetriedItems implements RetriedItems {
  private static final String COLUMNS = "first_index, runs FROM retried_items WHERE job_id = ?";

  private final RowsOfJobs rows;

  SqlRetriedItems(Database database) {
    this.rows = new RowsOfJobs(database);
  }

  static void insert(Transaction transaction, JobId id, ParentItems origins) throws SQLException {
    transaction.update(
        "INSERT INTO retried_items (job_id, first_index, parent_end, runs) VALUES (?, ?, ?, ?)",
        id.toString(),
        origins.items().first(),
        origins.parentEnd(),
        origins.encoded());
  }

  static void takeBack(Transaction transaction, JobId id, ParentItems origins) throws SQLException {
    transaction.update(
        "DELETE FROM retried_items WHERE job_id = ? AND first_index = ?",
        id.toString(),
        origins.items().first());
  }

  @Override
  public Optional<ParentItems> at(JobId id, long index) {
    return first(id, COLUMNS + " AND first_index <= ? ORDER BY first_index DESC LIMIT 1", index)
        .filter(found -> found.items().contains(index));
  }

  @Override
  public Optional<ParentItems> from(JobId id, long parent) {
    return first(id, COLUMNS + " AND parent_end > ? ORDER BY parent_end LIMIT 1", parent);
  }

  private Optional<ParentItems> first(JobId id, String query, long number) {
    return rows
        .read(
            id,
            query,
            (row, position) ->
                ParentItems.decoded(row.getLong("first_index"), row.getBytes("runs")),
            id.toString(),
            number)
        .stream()
        .findFirst();
  }
}
