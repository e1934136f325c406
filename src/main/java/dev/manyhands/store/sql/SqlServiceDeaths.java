package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.JobRows.OPEN_STATES;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.ServiceDeaths;
import dev.manyhands.store.writer.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts, for each unfinished job, the deaths of the service while the job was running. After
 * {@link ServiceDeaths#SUSPICIOUS} deaths the items of the job run alone, until the guilty item has
 * failed or the service has run for a while. Also stores which items run alone. All methods belong
 * to the writer's thread.
 */
final class SqlServiceDeaths {
  private static final long DIED = 0;
  private static final long BY_ITSELF = 1;

  private SqlServiceDeaths() {}

  /**
   * Counts the end of the last service, if it was a death, for each job that was running. Begins
   * the life of this service, and returns the counts of unfinished jobs.
   */
  static Map<JobId, ServiceDeaths> begin(Transaction transaction) throws SQLException {
    transaction.update(
        "DELETE FROM service_death WHERE job_id NOT IN (SELECT id FROM job WHERE state IN "
            + OPEN_STATES
            + ")");
    var ends =
        transaction.query("SELECT by_itself FROM service_end WHERE id = 1", row -> row.getLong(1));
    if (ends.contains(DIED)) {
      transaction.update(
          "INSERT INTO service_death (job_id, deaths) SELECT id, 0 FROM job"
              + " WHERE state = 'RUNNING' ON CONFLICT DO NOTHING");
      transaction.update(
          "UPDATE service_death SET deaths = deaths + 1, alone_deaths = alone_deaths + alone_now"
              + " WHERE job_id IN (SELECT id FROM job WHERE state = 'RUNNING')");
    } else {
      transaction.update(
          "UPDATE service_death SET alone_first = NULL, alone_end = NULL, alone_deaths = NULL");
    }
    transaction.update("UPDATE service_death SET alone_now = 0");
    end(transaction, DIED);
    var deaths = new HashMap<JobId, ServiceDeaths>();
    transaction.forEach(
        "SELECT job_id, deaths, alone_first, alone_end, alone_deaths FROM service_death",
        row -> deaths.put(JobRows.jobId(row.getString("job_id")), deaths(row)));
    return deaths;
  }

  private static ServiceDeaths deaths(ResultSet row) throws SQLException {
    int count = row.getInt("deaths");
    int alone = row.getInt("alone_deaths"); // 0 for null
    return alone == 0
        ? new ServiceDeaths(count, null, 0)
        : new ServiceDeaths(
            count, new ItemRange(row.getLong("alone_first"), row.getLong("alone_end")), alone);
  }

  static @Nullable Void endByItself(Transaction transaction) throws SQLException {
    end(transaction, BY_ITSELF);
    return null;
  }

  private static void end(Transaction transaction, long how) throws SQLException {
    transaction.update(
        "INSERT INTO service_end (id, by_itself) VALUES (1, ?)"
            + " ON CONFLICT (id) DO UPDATE SET by_itself = excluded.by_itself",
        how);
  }

  static boolean alone(Transaction transaction, JobId id, long version, ItemRange items, int deaths)
      throws SQLException {
    transaction.update("UPDATE service_death SET alone_now = 0 WHERE alone_now = 1");
    return transaction.update(
            "UPDATE service_death SET alone_first = ?, alone_end = ?, alone_deaths = ?,"
                + " alone_now = 1"
                + " WHERE job_id = ? AND EXISTS (SELECT 1 FROM job WHERE id = ? AND version = ?"
                + " AND state = 'RUNNING')",
            items.first(),
            items.end(),
            (long) deaths,
            id.toString(),
            id.toString(),
            version)
        > 0;
  }

  static @Nullable Void forget(Transaction transaction) throws SQLException {
    transaction.update("DELETE FROM service_death");
    return null;
  }
}
