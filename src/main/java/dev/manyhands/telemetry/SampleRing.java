package dev.manyhands.telemetry;

import dev.manyhands.http.Activity.Sample;
import dev.manyhands.http.Activity.Samples;
import java.time.Instant;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** The samples of the last ten minutes, one a second. Safe for use by any thread. */
final class SampleRing {
  static final int KEPT = 600;

  /** The sample of second {@code n} has index {@code n % KEPT}. */
  private final @Nullable Sample[] ring = new @Nullable Sample[KEPT];

  /** The second of the newest sample. */
  private long newestSecond;

  private Sample newest;

  /**
   * @param first the sample of second 0
   */
  SampleRing(Sample first) {
    ring[0] = first;
    newest = first;
  }

  /** Keeps a sample. Seconds without a sample since the one before stay empty. */
  synchronized void keep(long second, Sample sample) {
    for (long empty = Math.max(newestSecond + 1, second - KEPT); empty < second; empty++) {
      ring[(int) (empty % KEPT)] = null;
    }
    ring[(int) (second % KEPT)] = sample;
    newestSecond = second;
    newest = sample;
  }

  synchronized Sample newest() {
    return newest;
  }

  synchronized Samples samples() {
    long first = Math.max(0, newestSecond - KEPT + 1);
    var samples = new ArrayList<@Nullable Sample>();
    for (long second = first; second <= newestSecond; second++) {
      samples.add(ring[(int) (second % KEPT)]);
    }
    Instant start = newest.at().minusSeconds(newestSecond - first);
    return Samples.of(start, samples);
  }
}
