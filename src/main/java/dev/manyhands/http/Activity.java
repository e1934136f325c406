package dev.manyhands.http;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The present and recent activity of the service, in numbers. Implemented in {@code telemetry}.
 * Safe for use by any thread; returns at once.
 */
public interface Activity {

  /** Returns the newest sample, which is about a second old at most. */
  Sample now();

  /** Returns the samples of the last minutes, the oldest first. */
  Samples recent();

  /** Returns how many workers have ended since the start of the service, by reason. */
  Map<String, Long> workerRestarts();

  /** The slots of the service. */
  record Slots(int total, int busy) {}

  /** Unfinished jobs by state. */
  record Jobs(int running, int queued, int waiting) {}

  /**
   * The numbers at one moment.
   *
   * @param itemsPerSecond the rate since the sample before: items that got a value or an error
   * @param chunksPerSecond the rate since the sample before: reports of workers, of which a long
   *     chunk has several
   * @param residentBytes the memory that the process of the service holds; null if the system does
   *     not show it
   */
  record Sample(
      Instant at,
      Slots slots,
      Jobs jobs,
      int itemsPerSecond,
      int chunksPerSecond,
      @Nullable Long residentBytes) {}

  /**
   * Samples as columns of equal length. The values of a second without a sample are null: the
   * machine stood still.
   *
   * @param first the time of the first value of each column
   * @param stepSeconds the seconds between two values
   */
  record Samples(
      Instant first,
      int stepSeconds,
      List<@Nullable Integer> slotsBusy,
      List<@Nullable Integer> jobsRunning,
      List<@Nullable Integer> jobsQueued,
      List<@Nullable Integer> itemsPerSecond,
      List<@Nullable Integer> chunksPerSecond,
      List<@Nullable Long> residentBytes) {

    /** Returns samples, one a second, as columns. */
    public static Samples of(Instant first, List<@Nullable Sample> samples) {
      return new Samples(
          first,
          1,
          column(samples, sample -> sample.slots().busy()),
          column(samples, sample -> sample.jobs().running()),
          column(samples, sample -> sample.jobs().queued()),
          column(samples, Sample::itemsPerSecond),
          column(samples, Sample::chunksPerSecond),
          column(samples, Sample::residentBytes));
    }

    private static <T> List<@Nullable T> column(
        List<@Nullable Sample> samples, Function<Sample, @Nullable T> value) {
      var column = new ArrayList<@Nullable T>(samples.size());
      for (Sample sample : samples) {
        column.add(sample == null ? null : value.apply(sample));
      }
      return column;
    }
  }
}
