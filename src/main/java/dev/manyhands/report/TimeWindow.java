package dev.manyhands.report;

/**
 * A part of a job's time, in seconds since the job's start.
 *
 * @param from at least 0
 * @param to greater than {@code from}
 */
public record TimeWindow(double from, double to) {

  /** Returns the window from a time to the end of the job. */
  public static TimeWindow since(double from) {
    return new TimeWindow(from, Double.POSITIVE_INFINITY);
  }

  /**
   * Whether any part of a stretch is in the window. A stretch may have no length, and its ends
   * count.
   */
  boolean overlaps(double begin, double end) {
    return end >= from && begin <= to;
  }

  /** Returns the window, which ends at the given time at the latest, but not before it begins. */
  TimeWindow endingBy(double end) {
    return new TimeWindow(from, Math.min(to, Math.max(from, end)));
  }
}
