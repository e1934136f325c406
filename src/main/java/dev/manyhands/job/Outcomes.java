package dev.manyhands.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a run of items as they came from a worker, or as the service made them for items
 * that no worker will report on.
 *
 * @param items which ones
 * @param values their JSON values in order, joined by commas, {@code null} where an item failed;
 *     already checked to be exactly {@code items.count()} valid values. Nobody writes to this
 *     array.
 * @param errors of the failed ones, by ascending index; all others succeeded Of a job that reduces
 *     its results it is one partial of its combiner instead, or {@code null}.
 * @param cost where the worker's time went, and how much memory it held
 * @param matched how many of the results count towards the early end of the job
 * @param uncombined the values where {@code values} is a partial and they are wanted all the same,
 *     to be remembered; null elsewhere. They are not stored with the outcomes.
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

  /** Of which nobody wants more than is stored. */
  public Outcomes(ItemRange items, byte[] values, List<ItemError> errors, Cost cost, long matched) {
    this(items, values, errors, cost, matched, null);
  }

  /** Of a job that does not end early. */
  public Outcomes(ItemRange items, byte[] values, List<ItemError> errors, Cost cost) {
    this(items, values, errors, cost, 0);
  }

  /** The same with other words on what failed. */
  public Outcomes withErrors(List<ItemError> newErrors) {
    return new Outcomes(items, values, newErrors, cost, matched, uncombined);
  }

  /** The same at another cost. */
  public Outcomes withCost(Cost newCost) {
    return new Outcomes(items, values, errors, newCost, matched, uncombined);
  }

  /**
   * Seconds of one worker, and its memory.
   *
   * @param run inside the function
   * @param read turning bytes into items
   * @param write turning results into bytes
   * @param peakRss bytes: the most that it held meanwhile, as far as it or the service looked; null
   *     if neither did
   */
  public record Cost(double run, double read, double write, @Nullable Long peakRss) {
    public static final Cost NONE = new Cost(0, 0, 0);

    /** Of a worker at whose memory nobody looked. */
    public Cost(double run, double read, double write) {
      this(run, read, write, null);
    }

    /** The same for one that was also seen to hold so much; null if it was not seen. */
    public Cost withSeenRss(@Nullable Long seen) {
      return seen == null || (peakRss != null && peakRss >= seen)
          ? this
          : new Cost(run, read, write, seen);
    }
  }

  /**
   * The single failed item that a dead worker left behind.
   *
   * @param peakRss bytes that it was seen to hold; null if it was not seen
   */
  public static Outcomes failed(ItemError error, @Nullable Long peakRss) {
    return new Outcomes(
        ItemRange.ofCount(error.index(), 1),
        new byte[] {'n', 'u', 'l', 'l'},
        List.of(error),
        Cost.NONE.withSeenRss(peakRss));
  }
}
