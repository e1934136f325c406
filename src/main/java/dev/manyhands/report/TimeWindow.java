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

  /** Whether any of a stretch, which may have no length, is within. */
  boolean overlaps(double begin, double end) {
    return end >= from && begin <= to;
  }

  /** Returns the window with an end that a picture can show. */
  TimeWindow endingBy(double end) {
    return new TimeWindow(from, Math.min(to, Math.max(from, end)));
  }
}
