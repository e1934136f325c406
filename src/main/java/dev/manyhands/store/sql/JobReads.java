package dev.manyhands.store.sql;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobSummary;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;

/** The queries about jobs. */
final class JobReads {
  /** How many reports are read at once. Rows without blobs are small, and about equal in size. */
  private static final int CHUNK_REPORTS_AT_ONCE = 1_000;

  private static final String CHUNK_REPORTS =
      (JobRows.CHUNK_REPORT + " FROM outcome WHERE job_id = ? AND first_index >= ?")
          + (" ORDER BY first_index LIMIT " + CHUNK_REPORTS_AT_ONCE);

  private final Database database;
  private final RowsOfJobs rows;
  private final Definitions definitions;

  JobReads(Database database, Definitions definitions) {
    this.database = database;
    this.rows = new RowsOfJobs(database);
    this.definitions = definitions;
  }

  Optional<Job> find(JobId id) {
    String sql = "SELECT " + JobRows.JOB + " FROM job WHERE id = ?";
    return database
        .read(jdbc -> jdbc.query(sql, (row, number) -> JobRows.job(row), id.toString()))
        .stream()
        .findFirst()
        .flatMap(
            row -> definitions.function(row.function(), database::readDefinition).map(row::of));
  }

  Optional<JobSummary> summary(JobId id) {
    String sql = "SELECT " + JobRows.SUMMARY + " FROM job WHERE id = ?";
    return database
        .read(jdbc -> jdbc.query(sql, (row, number) -> JobRows.summary(row), id.toString()))
        .stream()
        .findFirst();
  }

  Optional<JobState> stateOf(JobId id) {
    return database
        .read(jdbc ->
            jdbc.query(
                SqlDependencies.STATE,
                (row, number) -> JobState.valueOf(row.getString(1)),
                id.toString(),
                id.toString()))
        .stream()
        .findFirst();
  }

  InputSegment inputsAt(JobId id, long index) {
    String sql =
        (JobRows.SEGMENT + " FROM input_segment WHERE job_id = ?")
            + " AND first_index <= ? ORDER BY first_index DESC LIMIT 1";
    return rows.read(id, sql, (row, number) -> JobRows.segment(row), id.toString(), index).stream()
        .filter(segment -> segment.items().contains(index))
        .findFirst()
        .orElseThrow(
            () -> new NoSuchElementException("job " + id + " has no stored input " + index));
  }

  /** Reads the reports slice by slice, and holds no connection while the reader works. */
  void chunkReports(JobId id, Consumer<ChunkReport> reader) {
    long from = 0;
    while (true) {
      List<ChunkReport> slice =
          rows.read(
              id, CHUNK_REPORTS, (row, number) -> JobRows.chunkReport(row), id.toString(), from);
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
                + (" AND state NOT IN " + JobRows.OPEN_STATES)
                + (" AND NOT " + SqlDependencies.FEEDS_ANOTHER + " LIMIT ?"),
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
