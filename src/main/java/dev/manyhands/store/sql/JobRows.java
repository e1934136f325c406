package dev.manyhands.store.sql;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import dev.manyhands.store.sql.Definitions.FunctionName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The mapping of rows to domain values, with the columns that each mapping needs. Times are stored
 * to the microsecond.
 */
final class JobRows {

  private static final String STATUS =
      "state, started_at, finished_at, total, succeeded, failed, skipped, chunks, work_seconds,"
          + " workers_used, stop_reason, error, inputs_open, matched, cached, chunk_sizes, CASE WHEN failed > 0"
          + " THEN (SELECT failures FROM job_failures WHERE job_id = job.id) END AS failures";
  static final String JOB =
      "id, submitted_at, function_name, function_digest, definition_digest, "
          + STATUS
          + ", details, result";

  /**
   * The columns of a summary. They leave out {@code details} and {@code result}, which may be
   * large.
   */
  static final String SUMMARY =
      "id, submitted_at, function_name, function_digest, runtime, outline, " + STATUS;

  static final String SEGMENT = "first_index, item_count, bytes";
  static final String REPORT_WITHOUT_VALUES =
      "first_index, item_count, errors, run_seconds, read_seconds, write_seconds,"
          + " worker, pid, started_at, finished_at, attempt, matched, peak_rss, cpu_seconds";
  static final String REPORT = REPORT_WITHOUT_VALUES + ", item_values";

  static final String CHUNK_REPORT =
      "first_index, item_count, failed, run_seconds, read_seconds, write_seconds,"
          + " worker, pid, started_at, finished_at, attempt, peak_rss, cpu_seconds, item_times";

  /** The states of jobs that have not ended, as SQL. */
  static final String OPEN_STATES =
      Arrays.stream(JobState.values())
          .filter(state -> !state.isTerminal())
          .map(state -> "'" + state + "'")
          .collect(Collectors.joining(", ", "(", ")"));

  private static final long MICROS = 1_000_000;

  private JobRows() {}

  /**
   * A job as it is in its row, before its function is known.
   *
   * @param details the JSON of all other parts of the user's request
   */
  record JobRow(
      JobId id, FunctionName function, String details, Instant submittedAt, JobStatus status) {

    Job of(Function known) {
      return new Job(id, JobJson.toSpec(details, known), submittedAt, status);
    }
  }

  static JobRow job(ResultSet row) throws SQLException {
    return new JobRow(
        jobId(row.getString("id")),
        new FunctionName(
            row.getString("function_name"),
            row.getString("function_digest"),
            row.getString("definition_digest")),
        row.getString("details"),
        instant(row.getLong("submitted_at")),
        status(row, row.getString("result")));
  }

  static JobSummary summary(ResultSet row) throws SQLException {
    return new JobSummary(
        jobId(row.getString("id")),
        row.getString("function_name"),
        row.getString("function_digest"),
        FunctionRuntime.of(row.getString("runtime")).orElseThrow(),
        JobJson.toOutline(row.getString("outline")),
        instant(row.getLong("submitted_at")),
        status(row, null));
  }

  private static JobStatus status(ResultSet row, @Nullable String result) throws SQLException {
    var tally =
        new Tally(
            row.getLong("total"),
            row.getLong("succeeded"),
            row.getLong("failed"),
            row.getLong("skipped"),
            row.getLong("chunks"),
            row.getDouble("work_seconds"),
            row.getLong("matched"),
            row.getLong("cached"));
    return JobStatus.builder(JobState.valueOf(row.getString("state")), tally)
        .startedAt(nullableInstant(row, "started_at"))
        .finishedAt(nullableInstant(row, "finished_at"))
        .inputsOpen(row.getLong("inputs_open") != 0)
        .workersUsed(row.getInt("workers_used"))
        .stopReason(row.getString("stop_reason"))
        .error(JobJson.toJobError(row.getString("error")))
        .result(result)
        .chunkSizes(JobJson.toChunkSizes(row.getString("chunk_sizes")))
        .failures(JobJson.toFailures(row.getString("failures")))
        .build();
  }

  static InputSegment segment(ResultSet row) throws SQLException {
    return new InputSegment(items(row), row.getBytes("bytes"));
  }

  static OutcomeReport report(ResultSet row) throws SQLException {
    return report(row, row.getBytes("item_values"));
  }

  static OutcomeReport report(ResultSet row, byte[] values) throws SQLException {
    var outcomes =
        new Outcomes(
            items(row),
            values,
            JobJson.toItemErrors(row.getString("errors")),
            cost(row),
            row.getLong("matched"));
    return new OutcomeReport(
        outcomes,
        row.getLong("worker"),
        row.getLong("pid"),
        instant(row.getLong("started_at")),
        instant(row.getLong("finished_at")),
        row.getInt("attempt"));
  }

  static ChunkReport chunkReport(ResultSet row) throws SQLException {
    return new ChunkReport(
        items(row),
        row.getLong("failed"),
        cost(row).withTimes(times(row)),
        row.getLong("worker"),
        row.getLong("pid"),
        instant(row.getLong("started_at")),
        instant(row.getLong("finished_at")),
        row.getInt("attempt"));
  }

  private static @Nullable ItemTimes times(ResultSet row) throws SQLException {
    String text = row.getString("item_times");
    return text == null ? null : ItemTimes.decoded(text);
  }

  private static Outcomes.Cost cost(ResultSet row) throws SQLException {
    return new Outcomes.Cost(
        row.getDouble("run_seconds"),
        row.getDouble("read_seconds"),
        row.getDouble("write_seconds"),
        nullableLong(row, "peak_rss"),
        nullableDouble(row, "cpu_seconds"),
        null);
  }

  static ItemRange items(ResultSet row) throws SQLException {
    return ItemRange.ofCount(row.getLong("first_index"), row.getLong("item_count"));
  }

  static JobId jobId(String text) {
    return new JobId(UUID.fromString(text));
  }

  static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), MICROS), instant.getNano() / 1_000);
  }

  static long micros(Duration time) {
    return time.toNanos() / 1_000;
  }

  static @Nullable Long nullableMicros(@Nullable Instant instant) {
    return instant == null ? null : micros(instant);
  }

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1_000);
  }

  private static @Nullable Long nullableLong(ResultSet row, String column) throws SQLException {
    long number = row.getLong(column);
    return row.wasNull() ? null : number;
  }

  private static @Nullable Double nullableDouble(ResultSet row, String column) throws SQLException {
    double number = row.getDouble(column);
    return row.wasNull() ? null : number;
  }

  static @Nullable Instant nullableInstant(ResultSet row, String column) throws SQLException {
    long micros = row.getLong(column);
    return row.wasNull() ? null : instant(micros);
  }
}
