package dev.manyhands.report.comparison;

import java.time.Duration;
import java.util.List;

/**
 * The seconds of one variant over the rounds.
 *
 * @param median half of the rounds took no longer: one disturbed round hardly moves a median, but
 *     moves a mean
 */
public record Timing(double median, double min, double max) {

  /**
   * @param rounds at least one
   */
  static Timing of(List<Duration> rounds) {
    double[] seconds = rounds.stream().mapToDouble(took -> took.toNanos() / 1e9).sorted().toArray();
    int middle = seconds.length / 2;
    double median =
        seconds.length % 2 == 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
    return new Timing(median, seconds[0], seconds[seconds.length - 1]);
  }

  /**
   * Whether this variant, despite its longer median, may be as fast as the other, because one of
   * its rounds was. A disturbance makes a round longer and never shorter. The minimum is therefore
   * more reliable than the maximum, in which the first round may count the start of the workers.
   */
  boolean mayBeat(Timing faster) {
    return min <= faster.median;
  }
}
