package dev.manyhands.store.sql;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.JobStore.FailedItem;
import dev.manyhands.store.ReadBudget;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads the errors of failed items, row by row, without the values of other items. A row may hold
 * megabytes of tracebacks. All readers together have a budget, for which they wait.
 */
final class ErrorReads {
  /** The budget for errors is the heap divided by this number. */
  private static final int HEAP_SHARE = 16;

  private static final String NEXT =
      "first_index, OCTET_LENGTH(errors) AS error_bytes FROM outcome WHERE job_id = ?"
          + " AND first_index > ? AND errors IS NOT NULL ORDER BY first_index LIMIT 1";

  private static final String TOUCHING =
      "first_index FROM outcome WHERE job_id = ? AND first_index <= ?"
          + " ORDER BY first_index DESC LIMIT 1";

  private static final String REPORT =
      JobRows.REPORT_WITHOUT_VALUES + " FROM outcome WHERE job_id = ? AND first_index = ?";

  private final RowsOfJobs rows;
  private final ReadBudget budget;

  /** A row with errors, that is not read yet. */
  private record Place(long firstIndex, long errorBytes) {}

  ErrorReads(Database database, long heapBytes) {
    this.rows = new RowsOfJobs(database);
    this.budget = new ReadBudget(heapBytes / HEAP_SHARE);
  }

  /** Hands over the failed of these items, in their order, until the reader returns false. */
  void read(JobId id, ItemRange items, Predicate<FailedItem> reader) {
    Optional<Place> next = after(id, items.first() == 0 ? -1 : touching(id, items.first()) - 1);
    while (next.isPresent() && next.get().firstIndex() < items.end()) {
      Place place = next.get();
      try (var _ = budget.hold(OutcomeParts.heldBytes(place.errorBytes()))) {
        OutcomeReport report = report(id, place);
        for (ItemError error : report.outcomes().errors()) {
          if (items.contains(error.index()) && !reader.test(new FailedItem(error, report))) {
            return;
          }
        }
      }
      next = after(id, place.firstIndex());
    }
  }

  /** Returns the first item of the last row that begins at this item or before; 0 for no row. */
  private long touching(JobId id, long index) {
    return rows
        .read(id, TOUCHING, (row, number) -> row.getLong("first_index"), id.toString(), index)
        .stream()
        .findFirst()
        .orElse(0L);
  }

  private Optional<Place> after(JobId id, long firstIndex) {
    return rows
        .read(
            id,
            NEXT,
            (row, number) -> new Place(row.getLong("first_index"), row.getLong("error_bytes")),
            id.toString(),
            firstIndex)
        .stream()
        .findFirst();
  }

  private OutcomeReport report(JobId id, Place place) {
    return rows.read(
            id,
            REPORT,
            (row, number) -> JobRows.report(row, new byte[0]),
            id.toString(),
            place.firstIndex())
        .getFirst();
  }
}
