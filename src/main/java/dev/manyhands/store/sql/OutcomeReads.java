package dev.manyhands.store.sql;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.ReadBudget;
import java.util.List;
import java.util.Optional;

/**
 * Reads recorded outcomes, some rows at a time. Holds no connection while the reader works: the
 * reader may be as slow as a client on a train, and there are only a few connections. Rows never
 * change while their job exists, so that rows which were read at different times are consistent.
 * All methods throw {@link JobGoneException} when the job is deleted before the last row is read.
 *
 * <p>Rows stay in memory until their reader has processed them. Budgets therefore limit them to a
 * third of the heap together:
 *
 * <pre>
 * quick readers             Whole rows, as many as fit in a slice, within a budget that the reader
 *                           waits for.
 * readers that may be slow  Whole rows if there is room at once. Otherwise row by row in parts.
 *                           Parts are so small that every possible stream can hold one. Only a
 *                           larger part waits for room.
 * </pre>
 */
final class OutcomeReads {
  /** Limit for the rows that are read at once. A larger row is read alone. */
  private static final long SLICE_BYTES = 1L << 20;

  private static final long MAX_SLICE_ROWS = 256;

  /**
   * The heap divided by this number is the budget for rows of quick readers. The other budgets
   * below are such numbers, too.
   */
  private static final int QUICK = 16;

  private static final int WHOLE = 16;
  private static final int SMALL_PARTS = 8;
  private static final int LARGE_PARTS = 16;

  private final RowsOfJobs rows;
  private final ReadBudget quick;
  private final ReadBudget whole;
  private final ReadBudget smallParts;
  private final ReadBudget largeParts;
  private final ReadingThreads threads = new ReadingThreads();

  /** The order in which rows are read, by a column that counts items. */
  enum Order {
    INPUT("first_index"),
    COMPLETION("place");

    private final String touching;
    private final String sizes;
    private final String slice;

    Order(String place) {
      String rows = " FROM outcome WHERE job_id = ? AND " + place;
      String range = rows + " >= ? AND " + place + " < ? ORDER BY " + place + " LIMIT ?";
      touching = place + rows + " <= ? ORDER BY " + place + " DESC LIMIT 1";
      sizes =
          place
              + " AS at, first_index, LENGTH(item_values) AS value_bytes,"
              + (" COALESCE(OCTET_LENGTH(errors), 0) AS error_bytes" + range);
      slice = place + " AS at, " + JobRows.REPORT + range;
    }
  }

  /** Receives rows, or parts of them, each with the place of its first item in the order. */
  @FunctionalInterface
  interface Reader {
    /** Returns false when the reader wants no more. */
    boolean take(long at, OutcomeReport report);
  }

  OutcomeReads(Database database, long heapBytes) {
    this.rows = new RowsOfJobs(database);
    this.quick = new ReadBudget(heapBytes / QUICK);
    this.whole = new ReadBudget(heapBytes / WHOLE);
    this.smallParts = new ReadBudget(heapBytes / SMALL_PARTS);
    this.largeParts = new ReadBudget(heapBytes / LARGE_PARTS);
  }

  /** Hands over the rows that touch these places, to a reader that processes each at once. */
  void quickly(JobId id, Order order, ItemRange places, Reader reader) {
    read(id, order, places, reader, true);
  }

  /**
   * Hands over rows or parts of them, to a reader that may be slow.
   *
   * @return the first place that was not read, at most the end of {@code places}. It may be before
   *     {@code places} if no row touches them
   */
  long slowly(JobId id, Order order, ItemRange places, Reader reader) {
    return read(id, order, places, reader, false);
  }

  private record Row(long at, OutcomeReport report) {
    long end() {
      return at + report.outcomes().items().count();
    }
  }

  /** The memory that a row will take. */
  private record Size(long at, long firstIndex, long valueBytes, long errorBytes) {
    long bytes() {
      return valueBytes + OutcomeParts.heldBytes(errorBytes);
    }
  }

  /** The rows to read next: as many as a slice has room for, at least one. */
  private record Slice(int rows, long bytes) {
    static Slice of(List<Size> sizes) {
      long bytes = 0;
      int rows = 0;
      while (rows < sizes.size() && (rows == 0 || bytes + sizes.get(rows).bytes() <= SLICE_BYTES)) {
        bytes += sizes.get(rows).bytes();
        rows++;
      }
      return new Slice(rows, bytes);
    }
  }

  private long read(JobId id, Order order, ItemRange places, Reader reader, boolean isQuick) {
    long next = places.first() == 0 ? 0 : firstTouching(id, order, places.first());
    Reader wanted =
        (at, report) ->
            at + report.outcomes().items().count() <= places.first() || reader.take(at, report);
    while (next < places.end()) {
      List<Size> sizes = sizes(id, order, next, places.end());
      if (sizes.isEmpty()) {
        return next;
      }
      var slice = Slice.of(sizes);
      var hold = isQuick ? Optional.of(quick.hold(slice.bytes())) : whole.tryHold(slice.bytes());
      Optional<Long> end;
      if (hold.isPresent()) {
        try (var _ = hold.get()) {
          end = handOver(rows(id, order, next, places.end(), slice.rows()), wanted);
        }
      } else {
        end = handOverInParts(id, sizes.getFirst(), places.end(), wanted);
      }
      if (end.isEmpty()) {
        return next;
      }
      next = end.get();
    }
    return Math.min(next, places.end());
  }

  /** Returns the place at which to go on; empty if the reader wants no more. */
  private static Optional<Long> handOver(List<Row> rows, Reader reader) {
    for (Row row : rows) {
      if (!reader.take(row.at(), row.report())) {
        return Optional.empty();
      }
    }
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getLast().end());
  }

  private Optional<Long> handOverInParts(JobId id, Size row, long end, Reader reader) {
    long offset = row.at() - row.firstIndex();
    var parts =
        new OutcomeParts(
            rows, smallParts, largeParts, threads, id, row.firstIndex(), row.valueBytes());
    return parts
        .read(
            row.errorBytes(),
            end - row.at(),
            part -> reader.take(part.outcomes().items().first() + offset, part))
        .map(last -> last + offset);
  }

  private long firstTouching(JobId id, Order order, long place) {
    List<Long> found =
        rows.read(id, order.touching, (row, number) -> row.getLong(2), id.toString(), place);
    return found.isEmpty() ? 0 : found.getFirst();
  }

  /**
   * Returns the sizes of rows without reading their values. Adjacent rows can differ a
   * thousandfold.
   */
  private List<Size> sizes(JobId id, Order order, long from, long end) {
    return rows.read(
        id,
        order.sizes,
        (row, number) ->
            new Size(
                row.getLong("at"),
                row.getLong("first_index"),
                row.getLong("value_bytes"),
                row.getLong("error_bytes")),
        id.toString(),
        from,
        end,
        MAX_SLICE_ROWS);
  }

  private List<Row> rows(JobId id, Order order, long from, long end, int most) {
    return rows.read(
        id,
        order.slice,
        (row, number) -> new Row(row.getLong("at"), JobRows.report(row)),
        id.toString(),
        from,
        end,
        most);
  }
}
