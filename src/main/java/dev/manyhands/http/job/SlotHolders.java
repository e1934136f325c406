package dev.manyhands.http.job;

import dev.manyhands.engine.scheduler.AloneTurn;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Explains the wait of a job for a slot, by the jobs that hold all slots or the suspected job whose
 * turn it is. Looks at the workers only when such a job is shown, so that thousands of waiting jobs
 * cost nothing.
 */
public final class SlotHolders {
  /** How long a job waits for a slot before a note explains the wait. */
  static final Duration AFTER = Duration.ofSeconds(10);

  private static final int MOST_NAMED = 3;

  private static final String MEND =
      "A function that hangs holds its slot until the item ends by its timeouts.item, or until its"
          + " job is cancelled (POST /api/v1/jobs/{id}/cancel)."
          + " GET /api/v1/workers shows what each worker does.";

  private final int slots;
  private final Supplier<List<WorkerView>> workers;
  private final Supplier<Optional<AloneTurn>> aloneTurn;

  /**
   * @param workers as they were about a second ago
   * @param aloneTurn the turn of a suspected job, for which other jobs wait; empty if there is none
   */
  public SlotHolders(
      int slots, Supplier<List<WorkerView>> workers, Supplier<Optional<AloneTurn>> aloneTurn) {
    this.slots = slots;
    this.workers = workers;
    this.aloneTurn = aloneTurn;
  }

  /**
   * Explains the wait of a job for a slot. Empty if the job does not wait for one, has not waited
   * for {@link #AFTER}, or may use a slot that is free.
   */
  Optional<String> noteFor(Job job, Instant now) {
    if (!mayWait(job)) {
      return Optional.empty();
    }
    List<WorkerView> busy = workers.get().stream().filter(worker -> worker.job() != null).toList();
    if (!hasWaited(job, busy, now)
        || busy.stream().anyMatch(worker -> job.id().equals(worker.job()))) {
      return Optional.empty();
    }
    Optional<AloneTurn> alone = aloneTurn.get().filter(turn -> !turn.job().equals(job.id()));
    if (alone.isPresent()) {
      return Optional.of(text(alone.get(), busy));
    }
    return busy.size() < slots ? Optional.empty() : Optional.of(text(busy));
  }

  private static boolean mayWait(Job job) {
    JobStatus status = job.status();
    return (status.state() == JobState.QUEUED || status.state() == JobState.RUNNING)
        && status.chunksRunning() == 0
        && !status.backsOff()
        && status.tally().done() < status.tally().total()
        && !job.spec().paused();
  }

  /**
   * Returns whether the job has waited for {@link #AFTER}. For a job that has run before, the start
   * of its wait is not recorded. Such a job counts as one that has waited if no busy worker has
   * reported for {@link #AFTER}.
   */
  private static boolean hasWaited(Job job, List<WorkerView> busy, Instant now) {
    if (job.status().state() == JobState.QUEUED) {
      return !now.isBefore(job.submittedAt().plus(AFTER));
    }
    return busy.stream().allMatch(worker -> worker.silence().compareTo(AFTER) >= 0);
  }

  /**
   * Explains a wait for a suspected job. Other jobs cannot use free slots while its items run, or
   * are about to run.
   */
  private static String text(AloneTurn alone, List<WorkerView> busy) {
    String other = "job " + alone.job();
    if (!alone.runs()) {
      return "Waits for the turn of "
          + other
          + ", whose items may have ended the service and so run alone: free slots are kept for it"
          + " until the slots at work are free too, for a minute or so at most.";
    }
    long seconds = busy.stream().mapToLong(worker -> worker.silence().toSeconds()).max().orElse(0);
    return "Waits for "
        + other
        + ": an item of that job may have ended the service, so its items run alone, and all other"
        + " jobs wait for them"
        + (seconds < AFTER.toSeconds() ? "" : "; it has reported nothing for " + seconds + " s")
        + ". "
        + MEND;
  }

  private String text(List<WorkerView> busy) {
    var byJob = new LinkedHashMap<JobId, List<WorkerView>>();
    busy.stream()
        .sorted(Comparator.comparing(WorkerView::silence).reversed())
        .forEach(worker ->
            byJob
                .computeIfAbsent(Objects.requireNonNull(worker.job()), _ -> new ArrayList<>())
                .add(worker));
    String named =
        byJob.entrySet().stream()
            .limit(MOST_NAMED)
            .map(holder -> described(holder.getKey(), holder.getValue()))
            .collect(Collectors.joining("; "));
    int more = byJob.size() - MOST_NAMED;
    return "Waits for a slot: other jobs hold all "
        + slots
        + " ("
        + named
        + (more > 0 ? "; and " + more + " jobs more" : "")
        + "). "
        + MEND;
  }

  /** Describes a job that holds slots. The first of its workers has the longest silence. */
  private static String described(JobId job, List<WorkerView> workers) {
    String holds = "job " + job + " holds " + workers.size();
    Duration silence = workers.getFirst().silence();
    return silence.compareTo(AFTER) < 0
        ? holds + " and is at work"
        : "%s and has reported nothing on %s for %d s"
            .formatted(holds, workers.size() == 1 ? "it" : "one of them", silence.toSeconds());
  }
}
