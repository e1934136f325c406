package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.store.JobGoneException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.RowMapper;

/**
 * Reads rows that belong to a job, slice by slice, and notices when the job is gone.
 *
 * <p>A deleted job loses its own row first, in a transaction of its own, and its inputs and
 * outcomes later ({@link Sweep}). The ids of jobs are never used again. Therefore a slice is
 * complete if the job's row exists in the statement that reads the slice, or at any later time. A
 * missing input or outcome then means that nothing was recorded.
 */
final class RowsOfJobs {
  private static final String IS_THERE = "SELECT EXISTS (SELECT 1 FROM job WHERE id = ?) AS there";

  private final Database database;

  RowsOfJobs(Database database) {
    this.database = database;
  }

  /**
   * Returns the rows of one slice.
   *
   * @param query columns and the rest of a query, without {@code SELECT}; its first parameter is
   *     the id
   * @param mapper reads a row: column 1 is {@code there}, and the columns of {@code query} begin at
   *     2
   * @param parameters of the query, the id included
   * @throws JobGoneException when the job was deleted, so that rows may be missing
   */
  <T> List<T> read(JobId id, String query, RowMapper<T> mapper, Object... parameters) {
    var all = new ArrayList<Object>();
    all.add(id.toString());
    all.addAll(List.of(parameters));
    List<T> rows =
        database.read(jdbc ->
            jdbc.query(
                IS_THERE + ", " + query,
                (row, number) -> {
                  if (!row.getBoolean("there")) {
                    throw new JobGoneException(id);
                  }
                  return mapper.mapRow(row, number);
                },
                all.toArray()));
    if (rows.isEmpty()) {
      check(id);
    }
    return rows;
  }

  private void check(JobId id) {
    List<Boolean> there =
        database.read(jdbc -> jdbc.queryForList(IS_THERE, Boolean.class, id.toString()));
    if (!there.getFirst()) {
      throw new JobGoneException(id);
    }
  }
}
