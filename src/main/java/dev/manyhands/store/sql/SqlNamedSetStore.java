package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.JobRows.OPEN_STATES;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.store.NamedSetStore;
import dev.manyhands.store.SharedStore.Change;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Sets of shared objects in SQLite or PostgreSQL, with one row for each set. */
final class SqlNamedSetStore implements NamedSetStore {
  private static final String SELECT =
      "SELECT id, name, digest, objects, value_form, ttl_micros, created_at, used_at"
          + " FROM shared_set";

  /** Whether no unfinished job uses the set of a row. */
  private static final String UNUSED =
      " NOT EXISTS (SELECT 1 FROM job WHERE job.shared_set_id = shared_set.id AND job.state IN "
          + OPEN_STATES
          + ")";

  private static final String DELETE = "DELETE FROM shared_set WHERE id = ? AND" + UNUSED;

  private final Database database;
  private final Sweep sweep;

  SqlNamedSetStore(Database database) {
    this.database = database;
    this.sweep = new Sweep(database.writer());
  }

  @Override
  public CompletableFuture<Creation> create(NamedSet set, List<Change> first, int most) {
    String objects = JobJson.ofShared(set.objects());
    long bytes = SqlJobStore.ROW_BYTES + objects.length();
    for (Change change : first) {
      byte[] value = change.value();
      bytes += SqlJobStore.ROW_BYTES + (value == null ? 0 : value.length);
    }
    return database
        .writer()
        .write(
            new Write<>(
                OnOutage.FAIL,
                bytes,
                transaction -> create(transaction, set, objects, first, most),
                (transaction, made) -> {
                  if (made != null && made.created()) {
                    transaction.update("DELETE FROM shared_set WHERE id = ?", set.id().toString());
                  }
                }));
  }

  private static Creation create(
      Transaction transaction, NamedSet set, String objects, List<Change> first, int most)
      throws SQLException {
    List<NamedSet> before =
        transaction.query(SELECT + " WHERE name = ?", SqlNamedSetStore::set, set.name());
    if (!before.isEmpty()) {
      return new Creation(renewed(transaction, before.getFirst(), set), false);
    }
    long sets =
        transaction.query("SELECT COUNT(*) FROM shared_set", row -> row.getLong(1)).getFirst();
    if (sets >= most) {
      return new Creation(null, false);
    }
    transaction.update(
        "INSERT INTO shared_set (id, name, digest, objects, value_form, ttl_micros, created_at,"
            + " used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        set.id().toString(),
        set.name(),
        set.digest(),
        objects,
        set.values().name(),
        JobRows.micros(set.ttl()),
        JobRows.micros(set.createdAt()),
        JobRows.micros(set.usedAt()));
    SqlSharedStore.write(transaction, set.id(), first);
    return new Creation(set, true);
  }

  /** Stores the use of a set that is created again. */
  private static NamedSet renewed(Transaction transaction, NamedSet known, NamedSet again)
      throws SQLException {
    if (!known.digest().equals(again.digest())) {
      return known;
    }
    Instant usedAt = known.usedAt().isAfter(again.usedAt()) ? known.usedAt() : again.usedAt();
    transaction.update(
        "UPDATE shared_set SET ttl_micros = ?, used_at = ? WHERE id = ?",
        JobRows.micros(again.ttl()),
        JobRows.micros(usedAt),
        known.id().toString());
    return known.withTtl(again.ttl()).withUse(usedAt);
  }

  @Override
  public Optional<NamedSet> find(String name) {
    return select(SELECT + " WHERE name = ?", name).stream().findFirst();
  }

  @Override
  public Optional<NamedSet> find(SharedSetId id) {
    return select(SELECT + " WHERE id = ?", id.toString()).stream().findFirst();
  }

  @Override
  public List<NamedSet> list() {
    return select(SELECT + " ORDER BY name");
  }

  @Override
  public Map<SharedSetId, Long> useCounts() {
    var counts = new LinkedHashMap<SharedSetId, Long>();
    database.read(jdbc -> {
      jdbc.query(
          "SELECT shared_set_id, COUNT(*) AS users FROM job WHERE shared_set_id IS NOT NULL"
              + (" AND state IN " + OPEN_STATES + " GROUP BY shared_set_id"),
          row -> {
            counts.put(id(row.getString("shared_set_id")), row.getLong("users"));
          });
      return counts;
    });
    return counts;
  }

  @Override
  public List<JobId> users(SharedSetId id, int limit) {
    return database.read(jdbc ->
        jdbc.query(
            "SELECT id FROM job WHERE shared_set_id = ?"
                + (" AND state IN " + OPEN_STATES + " ORDER BY id LIMIT ?"),
            (row, number) -> JobRows.jobId(row.getString(1)),
            id.toString(),
            limit));
  }

  @Override
  public CompletableFuture<Void> used(SharedSetId id, Instant at) {
    return database
        .writer()
        .write(
            Write.withOthers(
                OnOutage.WAIT,
                SqlJobStore.ROW_BYTES,
                transaction -> {
                  used(transaction, id.toString(), JobRows.micros(at));
                  return null;
                }));
  }

  private static void used(Transaction transaction, String id, long at) throws SQLException {
    transaction.update(
        "UPDATE shared_set SET used_at = ? WHERE id = ? AND used_at < ?", at, id, at);
  }

  @Override
  public CompletableFuture<Boolean> delete(SharedSetId id) {
    return sweep.after(
        transaction -> transaction.update(DELETE, id.toString()) == 1, () -> sweep.later(id));
  }

  @Override
  public CompletableFuture<Boolean> deleteExpired(SharedSetId id, Instant now) {
    return sweep.after(
        transaction ->
            transaction.update(
                    DELETE + " AND used_at + ttl_micros <= ?", id.toString(), JobRows.micros(now))
                == 1,
        () -> sweep.later(id));
  }

  @Override
  public List<NamedSet> expired(Instant now) {
    return select(SELECT + " WHERE used_at + ttl_micros <= ? AND" + UNUSED, JobRows.micros(now));
  }

  static boolean isThere(Transaction transaction, SharedSetId id) throws SQLException {
    return !transaction
        .query("SELECT 1 FROM shared_set WHERE id = ?", row -> 1, id.toString())
        .isEmpty();
  }

  /**
   * Notes that a job has used a set until its end.
   *
   * @param id of the set; null for a job that uses none
   */
  static void usedUntil(Transaction transaction, @Nullable String id, @Nullable Long finishedAt)
      throws SQLException {
    if (id != null && finishedAt != null) {
      used(transaction, id, finishedAt);
    }
  }

  private List<NamedSet> select(String sql, Object... parameters) {
    return database.read(jdbc -> jdbc.query(sql, (row, number) -> set(row), parameters));
  }

  private static NamedSet set(ResultSet row) throws SQLException {
    return new NamedSet(
        id(row.getString("id")),
        row.getString("name"),
        row.getString("digest"),
        JobJson.toShared(row.getString("objects")),
        JobSpec.Values.valueOf(row.getString("value_form")),
        Duration.of(row.getLong("ttl_micros"), ChronoUnit.MICROS),
        JobRows.instant(row.getLong("created_at")),
        JobRows.instant(row.getLong("used_at")));
  }

  private static SharedSetId id(String text) {
    return new SharedSetId(UUID.fromString(text));
  }
}
