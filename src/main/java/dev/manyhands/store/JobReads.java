package dev.manyhands.store;

import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobState;
import dev.manyhands.store.JobStore.ChunkReport;
import dev.manyhands.store.JobStore.InputSegment;
import dev.manyhands.store.JobStore.JobQuery;
import dev.manyhands.store.JobStore.OutcomeReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;

/** The queries about jobs. */
final class JobReads {
  static final long MAX_SLICE_ROWS = 256;

  private static final String FIRST_TOUCHING =
      "SELECT first_index FROM outcome WHERE job_id = ? AND first_index <= ?"
          + " ORDER BY first_index DESC LIMIT 1";
  private static final String SLICE =
      ("SELECT " + JobRows.REPORT + " FROM outcome WHERE job_id = ? AND first_index >= ?")
          + " AND first_index < ? ORDER BY first_index LIMIT ?";

  private static final String SIZES =
      "SELECT LENGTH(item_values) FROM outcome WHERE job_id = ? AND first_index >= ?"
          + " AND first_index < ? ORDER BY first_index LIMIT ?";

  /** Rows without blobs are small, and all alike. */
  private static final int CHUNK_REPORTS_AT_ONCE = 1_000;

  private static final String CHUNK_REPORTS =
      ("SELECT " + JobRows.CHUNK_REPORT + " FROM outcome WHERE job_id = ? AND first_index >= ?")
          + (" ORDER BY first_index LIMIT " + CHUNK_REPORTS_AT_ONCE);

  private final Database database;
  private final SliceBudget budget;

  JobReads(Database database, SliceBudget budget) {
    this.database = database;
    this.budget = budget;
  }

  Optional<Job> find(JobId id) {
    String sql = "SELECT " + JobRows.JOB + " FROM job WHERE id = ?";
    return database
        .read(jdbc -> jdbc.query(sql, (row, number) -> JobRows.job(row), id.toString()))
        .stream()
        .findFirst();
  }

  List<Job> list(JobQuery query) {
    var sql = new StringBuilder("SELECT ").append(JobRows.JOB).append(" FROM job WHERE 1 = 1");
    var parameters = new ArrayList<Object>();
    if (query.state() != null) {
      sql.append(" AND state = ?");
      parameters.add(query.state().name());
    }
    if (query.function() != null) {
      sql.append(" AND function_name = ?");
      parameters.add(query.function());
    }
    if (query.labelKey() != null) {
      sql.append(" AND id IN (SELECT job_id FROM job_label WHERE label_key = ?");
      parameters.add(query.labelKey());
      if (query.labelValue() != null) {
        sql.append(" AND label_value = ?");
        parameters.add(query.labelValue());
      }
      sql.append(')');
    }
    if (query.since() != null) {
      sql.append(" AND submitted_at >= ?");
      parameters.add(JobRows.micros(query.since()));
    }
    if (query.before() != null) {
      sql.append(" AND id < ?");
      parameters.add(query.before().toString());
    }
    sql.append(" ORDER BY id DESC LIMIT ?");
    parameters.add(query.limit());
    return database.read(jdbc ->
        jdbc.query(sql.toString(), (row, number) -> JobRows.job(row), parameters.toArray()));
  }

  InputSegment inputsAt(JobId id, long index) {
    String sql =
        ("SELECT " + JobRows.SEGMENT + " FROM input_segment WHERE job_id = ?")
            + " AND first_index <= ? ORDER BY first_index DESC LIMIT 1";
    return database
        .read(jdbc -> jdbc.query(sql, (row, number) -> JobRows.segment(row), id.toString(), index))
        .stream()
        .filter(segment -> segment.items().contains(index))
        .findFirst()
        .orElseThrow(
            () -> new NoSuchElementException("job " + id + " has no stored input " + index));
  }

  /**
   * Reads slice by slice and holds no connection while the reader works: it may be as slow as a
   * client on a train, and there are only a few connections. Rows never change, so that slices read
   * at different times fit together.
   */
  void outcomes(JobId id, ItemRange items, Consumer<OutcomeReport> reader) {
    long from =
        database
            .read(
                jdbc -> jdbc.queryForList(FIRST_TOUCHING, Long.class, id.toString(), items.first()))
            .stream()
            .findFirst()
            .orElse(0L);
    while (from < items.end()) {
      long first = from;
      SliceBudget.Slice next = next(id, first, items.end());
      try (var _ = budget.hold(next)) {
        List<OutcomeReport> slice =
            database.read(jdbc ->
                jdbc.query(
                    SLICE,
                    (row, number) -> JobRows.report(row),
                    id.toString(),
                    first,
                    items.end(),
                    next.rows()));
        slice.stream()
            .filter(report -> report.outcomes().items().end() > items.first())
            .forEach(reader);
        if (slice.size() < next.rows()) {
          return;
        }
        from = slice.getLast().outcomes().items().end();
      }
    }
  }

  /**
   * How many rows to read at once: asked of the rows themselves, whose sizes are known without
   * reading them. Neighbours can differ a thousandfold, because chunks grow.
   */
  private SliceBudget.Slice next(JobId id, long first, long end) {
    List<Long> sizes =
        database.read(jdbc ->
            jdbc.queryForList(SIZES, Long.class, id.toString(), first, end, MAX_SLICE_ROWS));
    return SliceBudget.Slice.of(sizes);
  }

  /** Holds no connection while the reader works either. */
  void chunkReports(JobId id, Consumer<ChunkReport> reader) {
    long from = 0;
    while (true) {
      long first = from;
      List<ChunkReport> slice =
          database.read(jdbc ->
              jdbc.query(
                  CHUNK_REPORTS, (row, number) -> JobRows.chunkReport(row), id.toString(), first));
      slice.forEach(reader);
      if (slice.size() < CHUNK_REPORTS_AT_ONCE) {
        return;
      }
      from = slice.getLast().items().end();
    }
  }

  List<JobId> expired(Instant now, int limit) {
    return database.read(jdbc ->
        jdbc.query(
            "SELECT id FROM job WHERE ttl_micros IS NOT NULL AND finished_at + ttl_micros <= ?"
                + (" AND state NOT IN " + JobRows.OPEN_STATES + " LIMIT ?"),
            (row, number) -> JobRows.jobId(row.getString(1)),
            JobRows.micros(now),
            limit));
  }

  Map<JobState, Long> countByState() {
    var counts = new EnumMap<JobState, Long>(JobState.class);
    database.read(jdbc -> {
      jdbc.query(
          "SELECT state, COUNT(*) FROM job GROUP BY state",
          row -> {
            counts.put(JobState.valueOf(row.getString(1)), row.getLong(2));
          });
      return counts;
    });
    return counts;
  }
}
