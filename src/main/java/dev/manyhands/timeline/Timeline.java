package dev.manyhands.timeline;

import dev.manyhands.job.Job;
import dev.manyhands.job.JobState;
import dev.manyhands.store.JobStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each worker did for a job, and when.
 *
 * @param id of the job
 * @param name of the job; may be empty
 * @param function its name
 * @param startedAt when the first chunk was handed to a worker; null before
 * @param until when the job ended, or the time of the look
 * @param chunks how many reports there are
 * @param merged whether bars stand for several reports each, because these are too many
 * @param bars by their beginning
 */
public record Timeline(
    String id,
    String name,
    String function,
    JobState state,
    @Nullable Instant startedAt,
    Instant until,
    long chunks,
    boolean merged,
    List<Bar> bars) {

  /** Fewer cannot be promised. */
  public static final int LEAST_BARS = 100;

  public static final int MOST_BARS = 10_000;

  public Timeline {
    bars = List.copyOf(bars);
  }

  /**
   * Reads the timeline of a job.
   *
   * @param now stands for the end of a job that has not ended
   * @param mostBars merge neighbours until there are no more than this
   */
  public static Timeline of(Job job, JobStore store, Instant now, int mostBars) {
    var status = job.status();
    Instant origin = status.startedAt() == null ? job.submittedAt() : status.startedAt();
    var bars = new Bars(origin, mostBars, status.workersUsed());
    store.chunkReports(
        job.id(),
        report -> {
          if (report.ran()) {
            bars.add(Bar.of(report));
          }
        });
    return new Timeline(
        job.id().toString(),
        job.spec().name(),
        job.spec().function().name(),
        status.state(),
        status.startedAt(),
        status.finishedAt() == null ? now : status.finishedAt(),
        bars.chunks(),
        bars.isMerged(),
        bars.sorted());
  }

  /** Where it begins. */
  Instant origin() {
    Instant first = bars.isEmpty() ? until : bars.getFirst().startedAt();
    return startedAt == null || first.isBefore(startedAt) ? first : startedAt;
  }

  /** How long it is, in seconds, from {@link #origin}. */
  double seconds() {
    Instant last =
        bars.stream()
            .map(Bar::finishedAt)
            .filter(until::isBefore)
            .max(Instant::compareTo)
            .orElse(until);
    return secondsAt(last);
  }

  double secondsAt(Instant time) {
    return Duration.between(origin(), time).toNanos() / 1e9;
  }
}
