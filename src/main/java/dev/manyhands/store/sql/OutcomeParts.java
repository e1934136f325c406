package dev.manyhands.store.sql;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.ReadBudget;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads one row of outcomes in parts, so that a slow reader holds only a small part of it. Each
 * part is the whole values in one small piece of the row. Used once, by one thread.
 */
final class OutcomeParts {
  /** How much of the values is read at once, unless a single value is larger. */
  private static final int PIECE_BYTES = 32 << 10;

  private static final int GROWTH = 2;

  private static final String HEAD =
      JobRows.REPORT_WITHOUT_VALUES + " FROM outcome WHERE job_id = ? AND first_index = ?";
  private static final String PIECE =
      "SUBSTR(item_values, ?, ?) FROM outcome WHERE job_id = ? AND first_index = ?";

  private final RowsOfJobs rows;
  private final ReadBudget small;
  private final ReadBudget large;
  private final ReadingThreads threads;
  private final JobId id;
  private final long firstIndex;
  private final int valueBytes;

  /**
   * Creates the reader of one row.
   *
   * @param small the budget for pieces of the usual size
   * @param large the budget for all larger pieces
   * @param threads that read the pieces: a database reads the whole row for each piece
   */
  OutcomeParts(
      RowsOfJobs rows,
      ReadBudget small,
      ReadBudget large,
      ReadingThreads threads,
      JobId id,
      long firstIndex,
      long valueBytes) {
    this.rows = rows;
    this.small = small;
    this.large = large;
    this.threads = threads;
    this.id = id;
    this.firstIndex = firstIndex;
    this.valueBytes = Math.toIntExact(valueBytes);
  }

  /** Returns how much memory errors take, both as they are stored and as objects. */
  static long heldBytes(long errorBytes) {
    return 3 * errorBytes;
  }

  /**
   * Hands over parts from the beginning of the row, in order.
   *
   * @param errorBytes size of the errors of failed items in the row
   * @param most how many items of the row are wanted, from its first; a part behind them is not
   *     read
   * @return the end of the row's items; empty if the reader wants no more
   */
  Optional<Long> read(long errorBytes, long most, Predicate<OutcomeReport> reader) {
    try (var _ = budget(errorBytes).hold(heldBytes(errorBytes))) {
      OutcomeReport head = head();
      ItemRange items = head.outcomes().items();
      long next = items.first();
      int position = 0;
      int size = PIECE_BYTES;
      while (next < items.end() && next - items.first() < most) {
        size = Math.min(size, valueBytes - position);
        try (var _ = budget(size).hold(size)) {
          byte[] piece = piece(position, size);
          boolean isLast = position + size == valueBytes;
          var whole = isLast ? null : JoinedValues.wholeOf(piece);
          if (whole != null && whole.count() == 0) {
            size *= GROWTH; // not even one value
            continue;
          }
          long end = whole == null ? items.end() : next + whole.count();
          byte[] values = whole == null ? piece : Arrays.copyOf(piece, whole.end());
          if (!reader.test(part(head, new ItemRange(next, end), values))) {
            return Optional.empty();
          }
          next = end;
          position += values.length + 1;
          size = PIECE_BYTES;
        }
      }
      return Optional.of(items.end());
    }
  }

  private ReadBudget budget(long bytes) {
    return bytes <= PIECE_BYTES ? small : large;
  }

  private static OutcomeReport part(OutcomeReport row, ItemRange items, byte[] values) {
    Outcomes all = row.outcomes();
    var errors = all.errors().stream().filter(error -> items.contains(error.index())).toList();
    return row.withOutcomes(new Outcomes(items, values, errors, all.cost(), all.matched()));
  }

  private OutcomeReport head() {
    return rows.read(
            id, HEAD, (row, number) -> JobRows.report(row, new byte[0]), id.toString(), firstIndex)
        .getFirst();
  }

  private byte[] piece(int position, int size) {
    return threads.read(() ->
        rows.read(
                id,
                PIECE,
                (row, number) -> row.getBytes(2),
                position + 1,
                size,
                id.toString(),
                firstIndex)
            .getFirst());
  }
}
