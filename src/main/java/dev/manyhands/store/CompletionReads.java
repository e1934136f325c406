package dev.manyhands.store;

import dev.manyhands.job.ItemRange;
import dev.manyhands.job.JobId;
import dev.manyhands.store.JobStore.Completion;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Outcomes in the order in which they were recorded. A row's {@code place} is given inside the
 * transaction that records it, while it alone may write to that job: whoever sees a row sees all
 * rows of smaller places, so that a reader who goes on where it stopped misses nothing.
 */
final class CompletionReads {

  private static final String FIRST_TOUCHING =
      "SELECT place FROM outcome WHERE job_id = ? AND place <= ? ORDER BY place DESC LIMIT 1";

  private static final String SIZES =
      "SELECT LENGTH(item_values) FROM outcome WHERE job_id = ? AND place >= ? AND place < ?"
          + " ORDER BY place LIMIT ?";

  private static final String SLICE =
      ("SELECT place, " + JobRows.REPORT + " FROM outcome WHERE job_id = ? AND place >= ?")
          + " AND place < ? ORDER BY place LIMIT ?";

  private final Database database;
  private final SliceBudget budget;

  CompletionReads(Database database, SliceBudget budget) {
    this.database = database;
    this.budget = budget;
  }

  /** Slice by slice, like {@link JobReads#outcomes}, and for the same reason. */
  long read(JobId id, ItemRange places, Consumer<Completion> reader) {
    List<Long> touching =
        database.read(
            jdbc -> jdbc.queryForList(FIRST_TOUCHING, Long.class, id.toString(), places.first()));
    if (touching.isEmpty()) {
      return 0;
    }
    long from = touching.getFirst();
    while (from < places.end()) {
      long first = from;
      Optional<SliceBudget.Slice> next = next(id, first, places.end());
      if (next.isEmpty()) {
        break;
      }
      try (var _ = budget.hold(next.get())) {
        for (Completion completion : slice(id, first, places.end(), next.get().rows())) {
          from = completion.place() + completion.report().outcomes().items().count();
          if (from > places.first()) {
            reader.accept(completion);
          }
        }
      }
    }
    return Math.min(from, places.end());
  }

  /** Nothing when there is none. */
  private Optional<SliceBudget.Slice> next(JobId id, long first, long end) {
    List<Long> sizes =
        database.read(jdbc ->
            jdbc.queryForList(
                SIZES, Long.class, id.toString(), first, end, JobReads.MAX_SLICE_ROWS));
    return sizes.isEmpty() ? Optional.empty() : Optional.of(SliceBudget.Slice.of(sizes));
  }

  private List<Completion> slice(JobId id, long first, long end, int rows) {
    return database.read(jdbc ->
        jdbc.query(
            SLICE,
            (row, number) -> new Completion(row.getLong("place"), JobRows.report(row)),
            id.toString(),
            first,
            end,
            rows));
  }
}
