package dev.manyhands.store.sql;

import dev.manyhands.model.Failures;
import dev.manyhands.model.JobId;
import dev.manyhands.store.writer.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts the stored errors of a job by kind and type again, when the job is taken over. A row may
 * hold megabytes of tracebacks, and PostgreSQL sends many rows at once. Rows are therefore read in
 * slices of about a megabyte. Used once, by one thread.
 */
final class StoredFailures {
  private static final long SLICE_BYTES = 1 << 20;

  private static final String ERRORS =
      "SELECT errors FROM outcome WHERE job_id = ? AND first_index >= ? AND first_index <= ?"
          + " AND errors IS NOT NULL ORDER BY first_index";

  private final List<Slice> slices = new ArrayList<>();

  /** Rows from one first index to another, with the bytes of their errors. */
  private record Slice(long from, long to, long bytes) {}

  /** Notes a row that has errors. The rows come by ascending index. */
  void note(long firstIndex, long errorBytes) {
    Slice last = slices.isEmpty() ? null : slices.getLast();
    if (last == null || last.bytes() + errorBytes > SLICE_BYTES) {
      slices.add(new Slice(firstIndex, firstIndex, errorBytes));
    } else {
      slices.set(slices.size() - 1, new Slice(last.from(), firstIndex, last.bytes() + errorBytes));
    }
  }

  /** Reads the errors of all noted rows, and returns their counts. */
  Failures count(Transaction transaction, JobId id) throws SQLException {
    var counted = Failures.NONE;
    for (Slice slice : slices) {
      var errors =
          transaction.query(
              ERRORS,
              row -> JobJson.toItemErrors(row.getString(1)),
              id.toString(),
              slice.from(),
              slice.to());
      counted = counted.plus(errors.stream().flatMap(List::stream).toList());
    }
    return counted;
  }
}
