package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.store.JobStore.IdempotencyKey;
import dev.manyhands.store.JobStore.Submission;
import dev.manyhands.store.writer.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The idempotency keys of requests, for as long as they are valid. Claims are made inside the
 * writer's transaction.
 */
final class IdempotencyKeys {

  static final Duration KEPT = Duration.ofHours(24);
  private static final Duration BETWEEN_PURGES = Duration.ofHours(1);

  /** Selects the first submission under a key that is not older than a given time. */
  private static final String FIND =
      "SELECT job_id, fingerprint FROM idempotency WHERE idempotency_key = ? AND created_at > ?";

  private final Database database;
  private final Clock clock;

  /** Owned by the writer. */
  private Instant lastPurge = Instant.MIN;

  IdempotencyKeys(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  Optional<Submission> find(IdempotencyKey key) {
    return database
        .read(jdbc ->
            jdbc.query(FIND, (row, number) -> first(row, key), key.key(), oldest(clock.instant())))
        .stream()
        .findFirst();
  }

  /** Finds the submission in the transaction of the writer, where no commit is in doubt. */
  Optional<Submission> find(Transaction transaction, IdempotencyKey key) throws SQLException {
    return transaction
        .query(FIND, row -> first(row, key), key.key(), oldest(clock.instant()))
        .stream()
        .findFirst();
  }

  private static long oldest(Instant now) {
    return JobRows.micros(now.minus(KEPT));
  }

  /**
   * Claims the key for this job; returns the earlier submission if the key belongs to another job.
   */
  @Nullable Submission claim(Transaction transaction, IdempotencyKey key, JobId id)
      throws SQLException {
    Instant now = clock.instant();
    long oldest = oldest(now);
    purge(transaction, now, oldest);
    int claimed =
        transaction.update(
            "INSERT INTO idempotency (idempotency_key, fingerprint, job_id, created_at) VALUES (?,"
                + " ?, ?, ?) ON CONFLICT (idempotency_key) DO UPDATE SET fingerprint ="
                + " excluded.fingerprint, job_id = excluded.job_id, created_at ="
                + " excluded.created_at WHERE idempotency.created_at <= ?",
            key.key(),
            key.fingerprint(),
            id.toString(),
            JobRows.micros(now),
            oldest);
    if (claimed == 1) {
      return null;
    }
    return transaction.query(FIND, row -> first(row, key), key.key(), oldest).getFirst();
  }

  /**
   * Deletes old keys, at most once an hour. Also runs if the last purge seems to be in the future,
   * because the clock was then set back.
   */
  private void purge(Transaction transaction, Instant now, long oldest) throws SQLException {
    if (!now.isBefore(lastPurge) && now.isBefore(lastPurge.plus(BETWEEN_PURGES))) {
      return;
    }
    transaction.update("DELETE FROM idempotency WHERE created_at <= ?", oldest);
    lastPurge = now;
  }

  private static Submission first(ResultSet row, IdempotencyKey key) throws SQLException {
    return new Submission(
        JobRows.jobId(row.getString("job_id")),
        false,
        row.getString("fingerprint").equals(key.fingerprint()));
  }
}
