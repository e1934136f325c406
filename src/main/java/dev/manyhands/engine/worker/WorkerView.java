package dev.manyhands.engine.worker;

import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A worker at one moment, for people.
 *
 * @param pid the number of its process; 0 before the process was started
 * @param version the version that the worker reports ({@code python 3.11.7}); empty before the
 *     report
 * @param function the name of the function that it loads or has loaded
 * @param job the job whose chunk it has; null when idle
 * @param item the item that it is running; null when none
 * @param rssBytes the memory that it and all that it has started hold; 0 when not yet measured
 * @param cpuSeconds the processor time that they have used
 * @param silence how long it has reported nothing although it has a chunk; zero when idle
 */
public record WorkerView(
    long id,
    long pid,
    FunctionRuntime runtime,
    String version,
    WorkerState state,
    String function,
    @Nullable JobId job,
    @Nullable Long item,
    long rssBytes,
    double cpuSeconds,
    long chunksDone,
    long itemsDone,
    Instant startedAt,
    Duration silence) {

  /**
   * Returns how long the most silent worker of a job has reported nothing; zero if the job has
   * none.
   */
  public static Duration silenceOf(JobId job, List<WorkerView> workers) {
    return workers.stream()
        .filter(worker -> job.equals(worker.job))
        .map(WorkerView::silence)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }
}
