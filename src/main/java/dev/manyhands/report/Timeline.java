package dev.manyhands.report;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.store.JobStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The work of each worker for a job, over time.
 *
 * @param id of the job
 * @param name of the job; may be empty
 * @param function name of the function
 * @param startedAt when the first chunk was handed to a worker; null before
 * @param until when the job ended, or the time of the request
 * @param chunks number of reports
 * @param merged whether bars represent several reports each, because there are too many reports
 * @param bars sorted by their beginning
 * @param items sorted by their beginning; none if workers did not time the items
 * @param window the part of the time that is described; null for all. Bars that overlap the window
 *     are whole, and so are their items
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
    List<Bar> bars,
    List<ItemBar> items,
    @Nullable TimeWindow window) {

  /**
   * The smallest limit of bars that a request may name. The bars of any job can be merged to this
   * number.
   */
  public static final int LEAST_BARS = 100;

  public static final int MOST_BARS = 10_000;

  /** The latest time that a window may name: about a hundred years. */
  public static final double LONGEST_SECONDS = 3e9;

  public Timeline {
    bars = List.copyOf(bars);
    items = List.copyOf(items);
  }

  /**
   * Reads the timeline of a job.
   *
   * @param now the end of the timeline, if the job has not ended
   * @param mostBars the most bars; neighbouring bars are merged if there are more
   * @param window the part of the time that is read; null for all
   */
  public static Timeline of(
      Job job, JobStore store, Instant now, int mostBars, @Nullable TimeWindow window) {
    var status = job.status();
    Instant origin = status.startedAt() == null ? job.submittedAt() : status.startedAt();
    Instant until = status.finishedAt() == null ? now : status.finishedAt();
    TimeWindow shown = window == null ? null : window.endingBy(seconds(origin, until));
    var bars = new Bars(first(origin, shown), mostBars, status.workersUsed());
    var items = new ArrayList<ItemBar>();
    var spent = new TimeSpent(status.workersUsed());
    store.chunkReports(
        job.id(),
        report -> {
          if (report.ran()) {
            spent.add(report);
            if (shown == null
                || shown.overlaps(
                    seconds(origin, report.startedAt()), seconds(origin, report.finishedAt()))) {
              bars.add(Bar.of(report));
              items.addAll(ItemBar.of(report, origin));
            }
          }
        });
    return new Timeline(
        job.id().toString(),
        job.spec().name(),
        job.spec().function().name(),
        status.state(),
        status.startedAt(),
        until,
        bars.chunks(),
        bars.isMerged(),
        bars.sorted().stream().map(bar -> withStartUp(bar, spent)).toList(),
        items.stream().sorted(Comparator.comparing(ItemBar::startedAt)).toList(),
        shown);
  }

  private static Instant first(Instant origin, @Nullable TimeWindow window) {
    return window == null
        ? origin
        : origin.plusNanos((long) (Math.min(window.from(), LONGEST_SECONDS) * 1e9));
  }

  private static double seconds(Instant origin, Instant time) {
    return Duration.between(origin, time).toNanos() / 1e9;
  }

  private static Bar withStartUp(Bar bar, TimeSpent spent) {
    double startUp = JobReport.rounded(spent.startUp(bar.worker(), bar.startedAt()));
    return startUp > 0 ? bar.withStartUp(startUp) : bar;
  }

  /** Returns the beginning of the job's time. Times of the timeline count from here. */
  Instant origin() {
    if (window != null && startedAt != null) {
      return startedAt;
    }
    Instant first = bars.isEmpty() ? until : bars.getFirst().startedAt();
    return startedAt == null || first.isBefore(startedAt) ? first : startedAt;
  }

  /** Returns where the described part begins, in seconds from {@link #origin}. */
  double from() {
    return window == null ? 0 : window.from();
  }

  /** Returns the length of the described part in seconds, from {@link #from}. */
  double seconds() {
    if (window != null) {
      return window.to() - window.from();
    }
    Instant last =
        bars.stream()
            .map(Bar::finishedAt)
            .filter(until::isBefore)
            .max(Instant::compareTo)
            .orElse(until);
    return secondsAt(last);
  }

  double secondsAt(Instant time) {
    return seconds(origin(), time);
  }
}
