package dev.manyhands.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Collects reports into a limited number of bars, for any number and order of reports. While
 * reports are few, each one is a bar. Later, time is divided into cells. The reports of a worker
 * whose middles are in one cell become one bar. Each two neighbouring cells become one if there are
 * too many bars. The stretches of a worker follow one another, so its merged bars overlap no more
 * than its reports did.
 *
 * <p>Used by one thread.
 */
final class Bars {
  /**
   * The most rows of merged bars. Each row has at least one bar, however wide the cells are. More
   * rows than the most bars would therefore never fit.
   *
   * <p>A job whose workers are replaced all the time has more workers than rows. Its workers then
   * share as many rows as there are slots, but at most this number. Workers are numbered in the
   * order of their starts, so workers of one time mostly get separate rows.
   */
  static final int MOST_ROWS = 64;

  private record Cell(long row, long column) {}

  private final Instant origin;
  private final int most;
  private final int sharedRows;

  /** The bars before any are merged. */
  private final List<Bar> single = new ArrayList<>();

  private final Map<Cell, Bar> merged = new HashMap<>();
  private final Set<Long> workers = new HashSet<>();
  private long cellMicros;
  private long chunks;

  /**
   * @param origin the time at which the first cell begins
   * @param most the most bars, at least {@link #MOST_ROWS}
   * @param slots number of workers at once
   */
  Bars(Instant origin, int most, int slots) {
    if (most < MOST_ROWS) {
      throw new IllegalArgumentException("fewer bars than rows: " + most);
    }
    this.origin = origin;
    this.most = most;
    this.sharedRows = Math.clamp(slots, 1, MOST_ROWS);
  }

  void add(Bar bar) {
    chunks++;
    if (!isMerged()) {
      single.add(bar);
      if (single.size() > most) {
        beginToMerge();
      }
    } else {
      put(bar);
    }
    while (merged.size() > most) {
      rekey(cell -> new Cell(cell.row, cell.column >> 1));
      cellMicros *= 2;
    }
  }

  /** Returns the number of reports. */
  long chunks() {
    return chunks;
  }

  boolean isMerged() {
    return cellMicros > 0;
  }

  /** Returns the bars, sorted by their beginning. */
  List<Bar> sorted() {
    Collection<Bar> all = isMerged() ? merged.values() : single;
    return all.stream()
        .sorted(Comparator.comparing(Bar::startedAt).thenComparingLong(Bar::worker))
        .toList();
  }

  private void beginToMerge() {
    long span = single.stream().mapToLong(bar -> micros(bar.finishedAt())).max().orElse(0);
    cellMicros = Math.max(1, span / most);
    single.forEach(this::put);
    single.clear();
  }

  private void put(Bar bar) {
    if (!shareRows() && workers.add(bar.worker()) && shareRows()) {
      rekey(cell -> new Cell(cell.row % sharedRows, cell.column));
    }
    long row = shareRows() ? bar.worker() % sharedRows : bar.worker();
    long middle = (micros(bar.startedAt()) + micros(bar.finishedAt())) / 2;
    merged.merge(new Cell(row, middle / cellMicros), bar, Bar::merge);
  }

  private boolean shareRows() {
    return workers.size() > MOST_ROWS;
  }

  private void rekey(UnaryOperator<Cell> to) {
    var before = Map.copyOf(merged);
    merged.clear();
    before.forEach((cell, bar) -> merged.merge(to.apply(cell), bar, Bar::merge));
  }

  /**
   * Returns microseconds since the origin. An earlier time counts as the origin: a chunk may begin
   * before the part of the time that is shown, and a clock may be set back.
   */
  private long micros(Instant time) {
    return Math.max(0, Duration.between(origin, time).dividedBy(ChronoUnit.MICROS.getDuration()));
  }
}
