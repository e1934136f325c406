package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobNote;
import dev.manyhands.store.MemoKey;
import dev.manyhands.store.MemoStore;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The memo in SQLite or PostgreSQL, with one row for each value. Statements have a few fixed
 * lengths, so that they stay prepared. Keys that do not fill a statement are padded with the last
 * key, or go row by row.
 */
final class SqlMemoStore implements MemoStore {
  private static final int KEYS_AT_ONCE = 256;
  private static final int ROWS_AT_ONCE = 32;

  private static final String FIND =
      "SELECT memo_key, used_at, CASE WHEN size <= ? THEN item_value END AS item_value FROM memo"
          + (" WHERE memo_key IN (" + list("?", KEYS_AT_ONCE) + ")");

  private static final String TOUCH =
      "UPDATE memo SET used_at = ? WHERE memo_key IN (" + list("?", KEYS_AT_ONCE) + ")";

  private static final String EVICT =
      "DELETE FROM memo WHERE memo_key IN (SELECT memo_key FROM memo ORDER BY used_at LIMIT ?)"
          + " RETURNING size";

  private final Database database;
  private final GroupCommit writer;

  SqlMemoStore(Database database) {
    this.database = database;
    this.writer = database.writer();
  }

  private static String list(String element, int count) {
    return String.join(", ", Collections.nCopies(count, element));
  }

  @Override
  public Map<MemoKey, Entry> find(Collection<MemoKey> keys) {
    var found = new HashMap<MemoKey, Entry>();
    for (List<MemoKey> some : portions(List.copyOf(keys), KEYS_AT_ONCE)) {
      var parameters = new ArrayList<Object>(KEYS_AT_ONCE + 1);
      parameters.add((long) MemoKey.BYTES + MAX_INLINE_BYTES);
      addPadded(parameters, some);
      database.read(jdbc -> {
        jdbc.query(
            FIND,
            row -> {
              found.put(MemoKey.of(row.getBytes("memo_key")), entry(row));
            },
            parameters.toArray());
        return found;
      });
    }
    return found;
  }

  private static Entry entry(ResultSet row) throws SQLException {
    return new Entry(row.getBytes("item_value"), JobRows.instant(row.getLong("used_at")));
  }

  private static <T> List<List<T>> portions(List<T> all, int most) {
    var portions = new ArrayList<List<T>>();
    for (int from = 0; from < all.size(); from += most) {
      portions.add(all.subList(from, Math.min(all.size(), from + most)));
    }
    return portions;
  }

  private static void addPadded(List<Object> parameters, List<MemoKey> keys) {
    for (int i = 0; i < KEYS_AT_ONCE; i++) {
      parameters.add(keys.get(Math.min(i, keys.size() - 1)).bytes());
    }
  }

  @Override
  public Optional<byte[]> value(MemoKey key) {
    return database
        .read(jdbc ->
            jdbc.queryForList(
                "SELECT item_value FROM memo WHERE memo_key = ?", byte[].class, key.bytes()))
        .stream()
        .findFirst();
  }

  @Override
  public CompletableFuture<Total> add(JobId by, List<Value> values, Instant at) {
    var firsts = new LinkedHashMap<MemoKey, Value>();
    Optional<Value> other = distinct(values, firsts);
    List<Value> distinct = List.copyOf(firsts.values());
    long bytes = distinct.stream().mapToLong(Value::size).sum();
    return writer.write(
        OnOutage.FAIL,
        bytes,
        transaction -> {
          var added = new long[2];
          Optional<Value> differs = other;
          int whole = distinct.size() / ROWS_AT_ONCE * ROWS_AT_ONCE;
          var portions = portions(distinct.subList(0, whole), ROWS_AT_ONCE);
          distinct.subList(whole, distinct.size()).forEach(one -> portions.add(List.of(one)));
          for (List<Value> some : portions) {
            long before = added[0];
            insert(transaction, some, at, added);
            if (added[0] - before < some.size() && differs.isEmpty()) {
              differs = differing(transaction, some);
            }
          }
          if (differs.isPresent()) {
            String item = Long.toString(differs.get().item());
            SqlJobNotes.add(transaction, by, new JobNote(JobNote.Kind.CACHE_DIFFERS, item));
          }
          return count(transaction, added[0], added[1]);
        });
  }

  /**
   * Collects the first value of each key.
   *
   * @return a value that differs from an earlier value of its key
   */
  private static Optional<Value> distinct(List<Value> values, Map<MemoKey, Value> firsts) {
    Value other = null;
    for (Value value : values) {
      Value first = firsts.putIfAbsent(value.key(), value);
      if (first != null && other == null && !Arrays.equals(first.value(), value.value())) {
        other = value;
      }
    }
    return Optional.ofNullable(other);
  }

  /** Returns the first of these values that differs from the stored value of its key. */
  private static Optional<Value> differing(Transaction transaction, List<Value> values)
      throws SQLException {
    String sql =
        "SELECT memo_key FROM memo WHERE "
            + String.join(
                " OR ", Collections.nCopies(values.size(), "(memo_key = ? AND item_value <> ?)"));
    var parameters = new ArrayList<Object>(2 * values.size());
    for (Value value : values) {
      parameters.add(value.key().bytes());
      parameters.add(value.value());
    }
    var keys =
        Set.copyOf(
            transaction.query(sql, row -> MemoKey.of(row.getBytes(1)), parameters.toArray()));
    return values.stream().filter(value -> keys.contains(value.key())).findFirst();
  }

  private static void insert(Transaction transaction, List<Value> values, Instant at, long[] added)
      throws SQLException {
    String sql =
        "INSERT INTO memo (memo_key, size, used_at, item_value) VALUES "
            + list("(?, ?, ?, ?)", values.size())
            + " ON CONFLICT (memo_key) DO NOTHING RETURNING size";
    var parameters = new ArrayList<Object>(4 * values.size());
    for (Value value : values) {
      parameters.add(value.key().bytes());
      parameters.add(value.size());
      parameters.add(JobRows.micros(at));
      parameters.add(value.value());
    }
    addSizes(transaction, sql, added, parameters.toArray());
  }

  /**
   * Runs a statement that returns the sizes of its rows. Adds their number to {@code sum[0]}, and
   * the sizes to {@code sum[1]}.
   */
  private static void addSizes(
      Transaction transaction, String sql, long[] sum, Object... parameters) throws SQLException {
    transaction.forEach(
        sql,
        row -> {
          sum[0]++;
          sum[1] += row.getLong(1);
        },
        parameters);
  }

  @Override
  public CompletableFuture<Void> touch(List<MemoKey> keys, Instant at) {
    return writer.write(
        OnOutage.FAIL,
        0,
        transaction -> {
          for (List<MemoKey> some : portions(keys, KEYS_AT_ONCE)) {
            var parameters = new ArrayList<Object>(KEYS_AT_ONCE + 1);
            parameters.add(JobRows.micros(at));
            addPadded(parameters, some);
            transaction.update(TOUCH, parameters.toArray());
          }
          return null;
        });
  }

  @Override
  public CompletableFuture<Total> evict(int entries) {
    return writer.write(
        OnOutage.FREE,
        0,
        transaction -> {
          var gone = new long[2];
          addSizes(transaction, EVICT, gone, (long) entries);
          return count(transaction, -gone[0], -gone[1]);
        });
  }

  private static Total count(Transaction transaction, long entries, long bytes)
      throws SQLException {
    transaction.update(
        "UPDATE memo_total SET entries = entries + ?, bytes = bytes + ?", entries, bytes);
    return total(transaction);
  }

  private static Total total(Transaction transaction) throws SQLException {
    return transaction.query(SELECT_TOTAL, SqlMemoStore::totalOf).getFirst();
  }

  private static final String SELECT_TOTAL = "SELECT entries, bytes FROM memo_total";

  private static Total totalOf(ResultSet row) throws SQLException {
    return new Total(row.getLong("entries"), row.getLong("bytes"));
  }

  @Override
  public Total total() {
    return database
        .read(jdbc -> jdbc.query(SELECT_TOTAL, (row, number) -> totalOf(row)))
        .getFirst();
  }
}
