package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.JobRows.OPEN_STATES;

import dev.manyhands.model.Callback;
import dev.manyhands.model.JobId;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.RowCallbackHandler;

/**
 * Deliveries in SQLite or PostgreSQL: a row for each delivery, and a row for each attempt. Writes
 * wait while the database is away, since they belong to jobs that were accepted.
 */
final class SqlDeliveryStore implements DeliveryStore {

  private static final long ROW_BYTES = 200;

  /** Stores a message, except if its job was deleted after its end, or has a message already. */
  private static final String ADD =
      "INSERT INTO callback_delivery (job_id, state, url, receiver, attempts, next_attempt_at,"
          + " secret, body)"
          + " SELECT ?, 'PENDING', ?, ?, 0, ?, ?, ? FROM job WHERE id = ? ON CONFLICT (job_id) DO"
          + " UPDATE SET state = excluded.state, url = excluded.url,"
          + " receiver = excluded.receiver, next_attempt_at ="
          + " excluded.next_attempt_at, secret = excluded.secret, body = excluded.body WHERE"
          + " callback_delivery.state = 'WAITING'";

  private static final String DUE =
      "SELECT job_id, url, attempts, secret, body FROM callback_delivery WHERE state = 'PENDING' AND"
          + " receiver = ? AND next_attempt_at <= ? ORDER BY next_attempt_at LIMIT ?";

  /** Takes one step in the index for each receiver, however many messages wait for the receiver. */
  private static final String RECEIVERS =
      "WITH RECURSIVE r(receiver) AS (SELECT MIN(receiver) FROM callback_delivery WHERE state ="
          + " 'PENDING' UNION ALL SELECT (SELECT MIN(d.receiver) FROM callback_delivery d WHERE"
          + " d.state = 'PENDING' AND d.receiver > r.receiver) FROM r WHERE r.receiver IS NOT NULL)"
          + " SELECT receiver, since FROM (SELECT r.receiver, (SELECT MIN(d.next_attempt_at) FROM"
          + " callback_delivery d WHERE d.state = 'PENDING' AND d.receiver = r.receiver) AS since"
          + " FROM r WHERE r.receiver IS NOT NULL) first_due WHERE since <= ?";

  private static final String NEXT_DUE =
      "SELECT next_attempt_at FROM callback_delivery WHERE state = 'PENDING' AND next_attempt_at > ?"
          + " ORDER BY next_attempt_at LIMIT 1";

  private static final String OWED =
      "SELECT d.job_id, d.url, d.secret FROM callback_delivery d JOIN job j ON j.id = d.job_id WHERE"
          + " d.state = 'WAITING' AND j.state NOT IN "
          + OPEN_STATES;

  /** One query, so that the state and the attempts are of one moment. */
  private static final String FIND =
      "SELECT d.url, d.state, d.next_attempt_at, a.attempt, a.started_at, a.seconds, a.status,"
          + " a.error FROM callback_delivery d LEFT JOIN callback_attempt a ON a.job_id = d.job_id"
          + " WHERE d.job_id = ? ORDER BY a.attempt";

  private final Database database;

  SqlDeliveryStore(Database database) {
    this.database = database;
  }

  /** Notes, with the submission of a job, that its end is to be delivered. */
  static void announce(Transaction transaction, JobId id, Callback callback) throws SQLException {
    transaction.update(
        "INSERT INTO callback_delivery (job_id, state, url, receiver, attempts, secret) VALUES (?,"
            + " 'WAITING', ?, ?, 0, ?)",
        id.toString(),
        callback.url(),
        callback.receiver(),
        callback.secret());
  }

  /** Deletes the delivery of a job that is being deleted, with its attempts. */
  static void forget(Transaction transaction, JobId id) throws SQLException {
    transaction.update("DELETE FROM callback_delivery WHERE job_id = ?", id.toString());
    transaction.update("DELETE FROM callback_attempt WHERE job_id = ?", id.toString());
  }

  @Override
  public CompletableFuture<Boolean> add(Message message, Instant at) {
    String id = message.job().toString();
    return database
        .writer()
        .write(
            OnOutage.WAIT,
            ROW_BYTES + message.body().length,
            transaction ->
                transaction.update(
                        ADD,
                        id,
                        message.callback().url(),
                        message.callback().receiver(),
                        JobRows.micros(at),
                        message.callback().secret(),
                        message.body(),
                        id)
                    == 1);
  }

  @Override
  public CompletableFuture<Boolean> attempted(
      JobId id, Attempt attempt, State state, @Nullable Instant next) {
    if ((state == State.PENDING) != (next != null) || state == State.WAITING) {
      throw new IllegalArgumentException("no attempt leads to " + state + ", next " + next);
    }
    return database
        .writer()
        .write(
            OnOutage.WAIT,
            ROW_BYTES,
            transaction -> {
              if (!advance(transaction, id, attempt.number(), state, next)) {
                return false;
              }
              transaction.update(
                  "INSERT INTO callback_attempt (job_id, attempt, started_at, seconds, status,"
                      + " error) VALUES (?, ?, ?, ?, ?, ?)",
                  id.toString(),
                  (long) attempt.number(),
                  JobRows.micros(attempt.startedAt()),
                  attempt.took().toNanos() / 1e9,
                  attempt.status() == null ? null : (long) attempt.status(),
                  attempt.error());
              return true;
            });
  }

  private static boolean advance(
      Transaction transaction, JobId id, int number, State state, @Nullable Instant next)
      throws SQLException {
    String forgetting = state == State.PENDING ? "" : ", secret = NULL, body = NULL";
    return transaction.update(
            "UPDATE callback_delivery SET state = ?, attempts = ?, next_attempt_at = ?"
                + forgetting
                + " WHERE job_id = ? AND state = 'PENDING' AND attempts = ?",
            state.name(),
            (long) number,
            JobRows.nullableMicros(next),
            id.toString(),
            number - 1L)
        == 1;
  }

  @Override
  public Map<String, Instant> receivers(Instant now) {
    var found = new HashMap<String, Instant>();
    return database.read(jdbc -> {
      jdbc.query(
          RECEIVERS,
          (RowCallbackHandler) row -> found.put(row.getString(1), JobRows.instant(row.getLong(2))),
          JobRows.micros(now));
      return found;
    });
  }

  @Override
  public List<Due> due(String receiver, Instant now, int limit) {
    return database.read(
        jdbc -> jdbc.query(DUE, (row, number) -> due(row), receiver, JobRows.micros(now), limit));
  }

  @Override
  public Optional<Instant> nextDue(Instant after) {
    return database
        .read(jdbc -> jdbc.queryForList(NEXT_DUE, Long.class, JobRows.micros(after)))
        .stream()
        .findFirst()
        .map(JobRows::instant);
  }

  @Override
  public List<Owed> owed() {
    return database.read(jdbc ->
        jdbc.query(
            OWED,
            (row, number) -> new Owed(JobRows.jobId(row.getString("job_id")), callback(row))));
  }

  @Override
  public Optional<Delivery> find(JobId id) {
    ResultSetExtractor<Optional<Delivery>> whole = rows -> delivery(id, rows);
    return database.read(jdbc -> jdbc.query(FIND, whole, id.toString()));
  }

  private static Due due(ResultSet row) throws SQLException {
    var message =
        new Message(JobRows.jobId(row.getString("job_id")), callback(row), row.getBytes("body"));
    return new Due(message, row.getInt("attempts"));
  }

  private static Callback callback(ResultSet row) throws SQLException {
    return new Callback(row.getString("url"), row.getString("secret"));
  }

  private static Optional<Delivery> delivery(JobId id, ResultSet rows) throws SQLException {
    if (!rows.next()) {
      return Optional.empty();
    }
    String url = rows.getString("url");
    State state = State.valueOf(rows.getString("state"));
    Instant next = JobRows.nullableInstant(rows, "next_attempt_at");
    var attempts = new ArrayList<Attempt>();
    do {
      if (rows.getInt("attempt") > 0) { // a delivery without attempts is a row without one
        attempts.add(attempt(rows));
      }
    } while (rows.next());
    return Optional.of(new Delivery(id, url, state, List.copyOf(attempts), next));
  }

  private static Attempt attempt(ResultSet row) throws SQLException {
    int status = row.getInt("status");
    Integer known = row.wasNull() ? null : status;
    return new Attempt(
        row.getInt("attempt"),
        JobRows.instant(row.getLong("started_at")),
        Duration.ofNanos(Math.round(row.getDouble("seconds") * 1e9)),
        known,
        row.getString("error"));
  }
}
