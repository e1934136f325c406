package dev.manyhands.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a run of items. They come from a worker, or the service makes them for items that
 * no worker will report.
 *
 * @param items the items of the run
 * @param values the JSON values in order, joined by commas, {@code null} where an item failed;
 *     already checked to be exactly {@code items.count()} valid values. A job that reduces its
 *     results has one partial of its combiner instead, or {@code null}. Nobody writes to this
 *     array.
 * @param errors of the failed items, by ascending index; all other items succeeded
 * @param cost where the worker's time went, and how much memory it held
 * @param matched how many of the results count towards the early end of the job
 * @param uncombined the values, if {@code values} is a partial and the memo needs the values; null
 *     elsewhere. They are not stored with the outcomes.
 */
public record Outcomes(
    ItemRange items,
    byte[] values,
    List<ItemError> errors,
    Cost cost,
    long matched,
    byte @Nullable [] uncombined) {

  public Outcomes {
    errors = List.copyOf(errors);
  }

  /** Creates outcomes without {@code uncombined} values. */
  public Outcomes(ItemRange items, byte[] values, List<ItemError> errors, Cost cost, long matched) {
    this(items, values, errors, cost, matched, null);
  }

  /** Creates outcomes without a result that counts towards the early end of the job. */
  public Outcomes(ItemRange items, byte[] values, List<ItemError> errors, Cost cost) {
    this(items, values, errors, cost, 0);
  }

  /** Returns a copy with other errors. */
  public Outcomes withErrors(List<ItemError> newErrors) {
    return new Outcomes(items, values, newErrors, cost, matched, uncombined);
  }

  /** Returns a copy with another number of results that match. */
  public Outcomes withMatched(long newMatched) {
    return new Outcomes(items, values, errors, cost, newMatched, uncombined);
  }

  /** Returns a copy with another cost. */
  public Outcomes withCost(Cost newCost) {
    return new Outcomes(items, values, errors, newCost, matched, uncombined);
  }

  /**
   * Seconds of one worker, and its memory.
   *
   * @param run inside the function
   * @param read turning bytes into items
   * @param write turning results into bytes
   * @param peakRss bytes: the most that the worker held meanwhile, as far as it or the service
   *     looked; null if neither did
   * @param cpu seconds for which the worker had a processor; a Python worker adds the wait of its
   *     main thread for one. Null if the worker did not report it
   * @param times of the single items; null if nobody asked for them
   */
  public record Cost(
      double run,
      double read,
      double write,
      @Nullable Long peakRss,
      @Nullable Double cpu,
      @Nullable ItemTimes times) {
    public static final Cost NONE = new Cost(0, 0, 0);

    /** Creates the cost of a worker whose memory was not measured. */
    public Cost(double run, double read, double write) {
      this(run, read, write, null, null, null);
    }

    /** Creates the cost of items that were not timed one by one. */
    public Cost(double run, double read, double write, @Nullable Long peakRss) {
      this(run, read, write, peakRss, null, null);
    }

    public Cost withTimes(@Nullable ItemTimes newTimes) {
      return new Cost(run, read, write, peakRss, cpu, newTimes);
    }

    /** Returns the cost with at least this much memory; unchanged if {@code seen} is null. */
    public Cost withSeenRss(@Nullable Long seen) {
      return seen == null || (peakRss != null && peakRss >= seen)
          ? this
          : new Cost(run, read, write, seen, cpu, times);
    }
  }

  /**
   * Returns the outcomes of one failed item, made by the service because the worker of the item
   * ended without a report.
   *
   * @param peakRss bytes that the worker was seen to hold; null if it was not seen
   */
  public static Outcomes failed(ItemError error, @Nullable Long peakRss) {
    return new Outcomes(
        ItemRange.ofCount(error.index(), 1),
        new byte[] {'n', 'u', 'l', 'l'},
        List.of(error),
        Cost.NONE.withSeenRss(peakRss));
  }
}
