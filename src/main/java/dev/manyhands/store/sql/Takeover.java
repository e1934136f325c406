package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.JobRows.OPEN_STATES;

import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.Function;
import dev.manyhands.model.Grant;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.ServiceDeaths;
import dev.manyhands.model.Tally;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.JobRows.JobRow;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Grants each unfinished job, under the job's next version, with the outcomes that were recorded
 * under earlier versions.
 */
final class Takeover {
  /**
   * Selects the reports of workers. An outcome that was remembered, or that the service gave, has
   * no worker.
   */
  private static final String REPORTS = " FROM outcome WHERE job_id = ? AND worker > 0";

  /**
   * Selects the highest number of reports whose times overlap: the workers that a job had at once.
   * Reports of one worker do not overlap. The end of one report is often the beginning of the next,
   * so that ends come first.
   */
  private static final String MOST_AT_ONCE =
      "SELECT MAX(at_once) FROM (SELECT SUM(step) OVER (ORDER BY at, step) AS at_once FROM ("
          + ("SELECT started_at AS at, 1 AS step" + REPORTS)
          + (" UNION ALL SELECT finished_at AS at, -1 AS step" + REPORTS)
          + ") AS steps) AS counts";

  private record Versioned(JobRow job, long version) {}

  private Takeover() {}

  /**
   * The work that an earlier service left.
   *
   * @param orphans jobs without a row that still have inputs, outcomes or shared objects: deleted,
   *     or never submitted
   */
  record Start(List<Grant> grants, List<JobId> orphans) {}

  /**
   * Takes over all unfinished jobs. Blocks until the new versions are durable.
   *
   * @throws StoreException if the database cannot be written to
   */
  static Start start(GroupCommit writer, Definitions definitions) {
    try {
      return writer
          .write(
              Write.ofAnyLength(
                  OnOutage.FAIL,
                  SqlJobStore.ROW_BYTES,
                  transaction ->
                      new Start(run(transaction, definitions), Sweep.orphans(transaction))))
          .join();
    } catch (CompletionException failure) {
      throw new StoreException("the unfinished jobs could not be taken over", failure.getCause());
    }
  }

  private static List<Grant> run(Transaction transaction, Definitions definitions)
      throws SQLException {
    transaction.openVersions().clear();
    Map<JobId, ServiceDeaths> deaths = SqlServiceDeaths.begin(transaction);
    transaction.update("UPDATE job SET version = version + 1 WHERE state IN " + OPEN_STATES);
    List<Versioned> jobs =
        transaction.query(
            ("SELECT version, " + JobRows.JOB + " FROM job WHERE state IN " + OPEN_STATES)
                + " ORDER BY id",
            row -> new Versioned(JobRows.job(row), row.getLong("version")));
    var grants = new ArrayList<Grant>();
    for (Versioned job : jobs) {
      Function function =
          definitions
              .function(
                  job.job().function(),
                  digest -> transaction.query(Definitions.SELECT, row -> row.getString(1), digest))
              .orElseThrow(() ->
                  new IllegalStateException("the definition of " + job.job() + " is not stored"));
      var suffered = deaths.getOrDefault(job.job().id(), ServiceDeaths.NONE);
      Job unfinished = job.job().of(function);
      SqlDependencies.insert(transaction, unfinished); // an earlier version did not note them
      grants.add(grant(transaction, unfinished, job.version(), suffered));
    }
    return grants;
  }

  private static Grant grant(Transaction transaction, Job job, long version, ServiceDeaths deaths)
      throws SQLException {
    var progress = new Progress();
    transaction.forEach(
        "SELECT first_index, item_count, failed, run_seconds, matched, cached,"
            + " OCTET_LENGTH(errors) AS error_bytes FROM outcome WHERE job_id = ?"
            + " ORDER BY first_index",
        progress::add,
        job.id().toString());
    List<byte[]> partials =
        job.spec().reduce() == Reduce.LIST
            ? List.of()
            : transaction.query(
                "SELECT item_values FROM outcome WHERE job_id = ?",
                row -> row.getBytes(1),
                job.id().toString());
    String id = job.id().toString();
    List<Integer> most = transaction.query(MOST_AT_ONCE, row -> row.getInt(1), id, id); // none is 0
    List<ItemRange> cancelled = SqlCancelledItems.of(transaction, job.id());
    Tally tally =
        progress
            .tally(job.status().tally().total())
            .plusCancelled(cancelled.stream().mapToLong(ItemRange::count).sum());
    var now =
        job.status().toBuilder()
            .tally(tally)
            .workersUsed(most.getFirst())
            .chunkSizes(progress.sizes())
            .failures(progress.failures.count(transaction, job.id()))
            .build();
    return new Grant(
        job.withStatus(now), version, progress.done(), cancelled, tally, partials, deaths);
  }

  /** Adds up the rows of one job, which come by ascending index and do not overlap. */
  private static final class Progress {
    private final List<ItemRange> done = new ArrayList<>();
    private final StoredFailures failures = new StoredFailures();
    private @Nullable ItemRange growing;
    private long succeeded;
    private long failed;
    private long chunks;
    private double workSeconds;
    private long matched;
    private long cached;
    private long least = Long.MAX_VALUE;
    private long most;

    void add(ResultSet row) throws SQLException {
      ItemRange items = JobRows.items(row);
      long failedItems = row.getLong("failed");
      long remembered = row.getLong("cached");
      if (remembered == 0) {
        chunks++;
        least = Math.min(least, items.count());
        most = Math.max(most, items.count());
      }
      failed += failedItems;
      if (failedItems > 0) {
        failures.note(items.first(), row.getLong("error_bytes"));
      }
      succeeded += items.count() - failedItems;
      workSeconds += row.getDouble("run_seconds");
      matched += row.getLong("matched");
      cached += remembered;
      if (growing == null) {
        growing = items;
      } else if (growing.end() == items.first()) {
        growing = new ItemRange(growing.first(), items.end());
      } else {
        done.add(growing);
        growing = items;
      }
    }

    List<ItemRange> done() {
      if (growing != null) {
        done.add(growing);
        growing = null;
      }
      return List.copyOf(done);
    }

    ChunkSizes sizes() {
      return chunks == 0
          ? ChunkSizes.NONE
          : new ChunkSizes(least, most, Map.of(ChunkSizes.Why.BEFORE_RESTART, chunks));
    }

    Tally tally(long total) {
      return new Tally(total, succeeded, failed, 0, chunks, workSeconds, matched, cached);
    }
  }
}
