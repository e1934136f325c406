package dev.manyhands.comparison;

import java.time.Duration;
import java.util.List;

/**
 * The seconds of one variant over the rounds.
 *
 * @param median half of the rounds took no longer: one disturbed round does not move it far, as it
 *     would move a mean
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
   * Whether the other, although its median is longer, may be as fast: one of its rounds was. What
   * disturbs a round makes it longer and never shorter, so that the minimum tells more than the
   * maximum, which in the first round has the start of the workers in it.
   */
  boolean mayBeat(Timing faster) {
    return min <= faster.median;
  }
}
