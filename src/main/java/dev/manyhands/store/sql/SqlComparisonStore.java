package dev.manyhands.store.sql;

import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.ComparisonId;
import dev.manyhands.model.comparison.ComparisonState;
import dev.manyhands.model.comparison.Run;
import dev.manyhands.store.ComparisonStore;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Comparisons in SQLite or PostgreSQL: a row for each comparison, and a row for each of its runs.
 * Runs are only written while their comparison is {@code RUNNING}. Therefore a deletion leaves no
 * run behind.
 */
final class SqlComparisonStore implements ComparisonStore {
  private static final String COLUMNS = "id, state, submitted_at, finished_at, problem, plan";

  private final Database database;

  SqlComparisonStore(Database database) {
    this.database = database;
  }

  @Override
  public CompletableFuture<Void> submit(Comparison comparison, byte[] job) {
    String plan = ComparisonJson.ofPlan(comparison);
    String id = comparison.id().toString();
    return database
        .writer()
        .write(
            new Write<>(
                OnOutage.FAIL,
                (long) plan.length() + job.length,
                transaction -> {
                  transaction.update(
                      "INSERT INTO comparison (id, state, submitted_at, finished_at, plan, job)"
                          + " VALUES (?, ?, ?, NULL, ?, ?)",
                      id,
                      comparison.state().name(),
                      JobRows.micros(comparison.submittedAt()),
                      plan,
                      job);
                  return null;
                },
                (transaction, none) ->
                    transaction.update("DELETE FROM comparison WHERE id = ?", id)));
  }

  @Override
  public CompletableFuture<Boolean> record(ComparisonId id, Run run) {
    String ending = ComparisonJson.ofEnding(run.ending());
    return database
        .writer()
        .write(
            OnOutage.WAIT,
            ending == null ? 0 : ending.length(),
            transaction -> {
              if (!isRunning(transaction, id)) {
                return false;
              }
              transaction.update(
                  "INSERT INTO comparison_run (comparison_id, run_number, variant, round, job_id,"
                      + " ending) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (comparison_id, run_number)"
                      + " DO UPDATE SET job_id = excluded.job_id, ending = excluded.ending",
                  id.toString(),
                  (long) run.number(),
                  (long) run.variant(),
                  (long) run.round(),
                  run.job().toString(),
                  ending);
              return true;
            });
  }

  private boolean isRunning(Transaction transaction, ComparisonId id) throws SQLException {
    return !transaction
        .query(
            "SELECT state FROM comparison WHERE id = ? AND state = 'RUNNING'"
                + database.dialect().lockingRow(),
            row -> row.getString(1),
            id.toString())
        .isEmpty();
  }

  @Override
  public CompletableFuture<Boolean> finish(
      ComparisonId id, ComparisonState state, Instant at, @Nullable String problem) {
    String why = ComparisonJson.ofProblem(problem);
    return database
        .writer()
        .write(
            OnOutage.WAIT,
            0,
            transaction ->
                transaction.update(
                        "UPDATE comparison SET state = ?, finished_at = ?, problem = ?"
                            + " WHERE id = ? AND state = 'RUNNING'",
                        state.name(),
                        JobRows.micros(at),
                        why,
                        id.toString())
                    == 1);
  }

  @Override
  public CompletableFuture<Boolean> delete(ComparisonId id) {
    return database
        .writer()
        .write(
            OnOutage.FREE,
            0,
            transaction -> {
              int gone =
                  transaction.update(
                      "DELETE FROM comparison WHERE id = ? AND state <> 'RUNNING'", id.toString());
              if (gone == 1) {
                transaction.update(
                    "DELETE FROM comparison_run WHERE comparison_id = ?", id.toString());
              }
              return gone == 1;
            });
  }

  @Override
  public Optional<Comparison> find(ComparisonId id) {
    return select(" WHERE id = ?", id.toString()).stream().findFirst();
  }

  @Override
  public Optional<byte[]> job(ComparisonId id) {
    return database
        .read(jdbc ->
            jdbc.queryForList(
                "SELECT job FROM comparison WHERE id = ?", byte[].class, id.toString()))
        .stream()
        .findFirst();
  }

  @Override
  public List<Comparison> list(@Nullable ComparisonId before, int limit) {
    return before == null
        ? select(" ORDER BY id DESC LIMIT ?", limit)
        : select(" WHERE id < ? ORDER BY id DESC LIMIT ?", before.toString(), limit);
  }

  @Override
  public List<ComparisonId> unfinished() {
    return database.read(jdbc ->
        jdbc.query(
            "SELECT id FROM comparison WHERE state = 'RUNNING' ORDER BY id",
            (row, number) -> id(row.getString("id"))));
  }

  private List<Comparison> select(String rest, Object... parameters) {
    List<Comparison> bare =
        database.read(jdbc ->
            jdbc.query(
                "SELECT " + COLUMNS + " FROM comparison" + rest,
                (row, number) -> withoutRuns(row),
                parameters));
    if (bare.isEmpty()) {
      return bare;
    }
    Map<ComparisonId, List<Run>> runs = runs(bare.stream().map(Comparison::id).toList());
    return bare.stream()
        .map(each -> each.withRuns(runs.getOrDefault(each.id(), List.of())))
        .toList();
  }

  private static Comparison withoutRuns(ResultSet row) throws SQLException {
    var plan = ComparisonJson.toPlan(row.getString("plan"));
    long finishedMicros = row.getLong("finished_at");
    Instant finishedAt = row.wasNull() ? null : JobRows.instant(finishedMicros);
    return new Comparison(
        id(row.getString("id")),
        plan.name(),
        plan.variants(),
        plan.ifWaiting() == null ? List.of() : plan.ifWaiting(),
        plan.rounds(),
        plan.items(),
        JobRows.instant(row.getLong("submitted_at")),
        ComparisonState.valueOf(row.getString("state")),
        finishedAt,
        ComparisonJson.toProblem(row.getString("problem")),
        List.of());
  }

  private Map<ComparisonId, List<Run>> runs(List<ComparisonId> ids) {
    String places = String.join(", ", Collections.nCopies(ids.size(), "?"));
    var runs = new HashMap<ComparisonId, List<Run>>();
    return database.read(jdbc -> {
      jdbc.query(
          "SELECT comparison_id, run_number, variant, round, job_id, ending FROM comparison_run"
              + (" WHERE comparison_id IN (" + places + ") ORDER BY comparison_id, run_number"),
          row -> {
            runs.computeIfAbsent(id(row.getString("comparison_id")), id -> new ArrayList<>())
                .add(run(row));
          },
          ids.stream().map(ComparisonId::toString).toArray());
      return runs;
    });
  }

  private static Run run(ResultSet row) throws SQLException {
    return new Run(
        row.getInt("run_number"),
        row.getInt("variant"),
        row.getInt("round"),
        JobRows.jobId(row.getString("job_id")),
        ComparisonJson.toEnding(row.getString("ending")));
  }

  private static ComparisonId id(String text) {
    return ComparisonId.parse(text).orElseThrow();
  }
}
