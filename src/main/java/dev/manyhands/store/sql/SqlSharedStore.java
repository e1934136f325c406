package dev.manyhands.store.sql;

import static java.util.Collections.nCopies;

import dev.manyhands.model.SharedSetId;
import dev.manyhands.store.SharedStore;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Shared objects in SQLite or PostgreSQL, with one row for each entry. Statements have a few fixed
 * lengths, so that they stay prepared.
 */
final class SqlSharedStore implements SharedStore {
  /** The most rows of one statement. */
  private static final int MOST_ROWS = 64;

  /** Whether a set is there, which is a job's or was created alone. */
  private static final String IS_THERE =
      "SELECT 1 FROM job WHERE id = ? UNION ALL SELECT 1 FROM shared_set WHERE id = ?";

  private record Id(String object, String key) {}

  private final Database database;

  SqlSharedStore(Database database) {
    this.database = database;
  }

  @Override
  public List<Entry> read(SharedSetId set) {
    return database.read(jdbc ->
        jdbc.query(
            "SELECT object, entry_key, place, entry_value FROM shared_entry WHERE job_id = ?"
                + (" AND EXISTS (" + IS_THERE + ") ORDER BY object, place"),
            (row, number) ->
                new Entry(
                    row.getString("object"),
                    row.getString("entry_key"),
                    row.getLong("place"),
                    row.getBytes("entry_value")),
            set.toString(),
            set.toString(),
            set.toString()));
  }

  @Override
  public CompletableFuture<Void> write(
      SharedSetId set, long bytes, Supplier<List<Change>> changes) {
    return database
        .writer()
        .write(
            Write.withOthers(
                OnOutage.WAIT,
                SqlJobStore.ROW_BYTES + bytes,
                transaction -> {
                  // The changes are asked for in any case: the caller counts on it.
                  List<Change> all = changes.get();
                  String id = set.toString();
                  if (!transaction.query(IS_THERE, row -> 1, id, id).isEmpty()) {
                    write(transaction, set, all);
                  }
                  return null;
                }));
  }

  static void write(Transaction transaction, SharedSetId set, List<Change> changes)
      throws SQLException {
    Map<Id, Change> last = new LinkedHashMap<>(); // no statement may change a row twice
    changes.forEach(change -> last.put(new Id(change.object(), change.key()), change));
    var removed = new ArrayList<Change>();
    var written = new ArrayList<Change>();
    last.values().forEach(change -> (change.value() == null ? removed : written).add(change));
    for (List<Change> some : portions(removed)) {
      remove(transaction, set, some);
    }
    for (List<Change> some : portions(written)) {
      insert(transaction, set, some);
    }
  }

  /** Cuts a list into parts of few different sizes. */
  private static List<List<Change>> portions(List<Change> all) {
    var portions = new ArrayList<List<Change>>();
    for (int from = 0; from < all.size(); from += portions.getLast().size()) {
      int count = Math.min(MOST_ROWS, Integer.highestOneBit(all.size() - from));
      portions.add(all.subList(from, from + count));
    }
    return portions;
  }

  private static void remove(Transaction transaction, SharedSetId set, List<Change> changes)
      throws SQLException {
    var parameters = new ArrayList<Object>();
    parameters.add(set.toString());
    changes.forEach(change -> parameters.addAll(List.of(change.object(), change.key())));
    transaction.update(
        "DELETE FROM shared_entry WHERE job_id = ? AND ("
            + String.join(" OR ", nCopies(changes.size(), "(object = ? AND entry_key = ?)"))
            + ")",
        parameters.toArray());
  }

  private static void insert(Transaction transaction, SharedSetId set, List<Change> changes)
      throws SQLException {
    var parameters = new ArrayList<Object>();
    for (Change change : changes) {
      parameters.add(set.toString());
      parameters.add(change.object());
      parameters.add(change.key());
      parameters.add(change.place());
      parameters.add(change.value());
    }
    transaction.update(
        "INSERT INTO shared_entry (job_id, object, entry_key, place, entry_value) VALUES "
            + String.join(", ", nCopies(changes.size(), "(?, ?, ?, ?, ?)"))
            + " ON CONFLICT (job_id, object, entry_key) DO UPDATE SET"
            + " place = excluded.place, entry_value = excluded.entry_value",
        parameters.toArray());
  }
}
