package dev.manyhands.engine.scheduler;

import dev.manyhands.model.JobSpec;
import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the job that gets the next slot, by weighted fair queueing (Demers, Keshav and Shenker,
 * 1989) with virtual start times. The virtual start of a job rises with the work that the job was
 * given, more slowly for a greater weight. The job with the least virtual start is served. Virtual
 * time is the virtual start of a job that always got its fair share. It rises with the work that
 * was done, more slowly when more jobs want work.
 *
 * <p>A new job starts at the present virtual time. It therefore neither waits for the work that
 * others had before, nor makes up for that work. It goes before jobs that already have work on
 * slots. However many new jobs come, an older job gets its turn.
 *
 * <p>Owned by the scheduler thread.
 */
final class FairQueue {
  /**
   * Least charge for a chunk, in seconds. Used for a chunk of unknown cost, and corrected later.
   */
  private static final double UNKNOWN_SECONDS = 0.001;

  private final TreeSet<JobRun> waiting =
      new TreeSet<>(
          Comparator.<JobRun>comparingDouble(run -> run.virtualStart)
              .thenComparingLong(run -> run.sequence));

  /** Sum of the weights of the waiting jobs. Exact, because all weights are powers of two. */
  private double waitingWeight;

  private double virtualNow;

  /** Gives a new job its place at the present virtual time. */
  void enter(JobRun run) {
    run.virtualStart = virtualNow;
  }

  /** Adds the job to the waiting jobs, or removes it from them. */
  void setWaiting(JobRun run, boolean wanted) {
    if (wanted && waiting.add(run)) {
      run.waitingWeight = weight(run);
      waitingWeight += run.waitingWeight;
    } else if (!wanted && waiting.remove(run)) {
      waitingWeight -= run.waitingWeight;
    }
  }

  /** Returns the job whose turn it is; null when no job waits. */
  @Nullable JobRun next() {
    return waiting.isEmpty() ? null : waiting.first();
  }

  /** Returns the first waiting job that is not suspected; null when there is none. */
  @Nullable JobRun nextTrusted() {
    for (JobRun run : waiting) {
      if (!run.suspicious) {
        return run;
      }
    }
    return null;
  }

  boolean isWaiting(JobRun run) {
    return waiting.contains(run);
  }

  /** Returns whether any job other than this one waits. */
  boolean othersWait(JobRun run) {
    int others = waiting.size() - (isWaiting(run) ? 1 : 0);
    return others > 0;
  }

  /** Charges a job for a chunk that it was just given. */
  void charge(JobRun run, double expectedSeconds) {
    // A job that was away (at its cap) while others were served does not come back with credit.
    double start = Math.max(virtualNow, run.virtualStart);
    move(run, start + Math.max(expectedSeconds, UNKNOWN_SECONDS) / weight(run));
  }

  /**
   * Corrects a charge once it is known how long the chunk kept a slot busy, which may be 0 seconds.
   * Moves virtual time on by this work.
   */
  void settle(JobRun run, double expectedSeconds, double actualSeconds) {
    double others = waitingWeight - (isWaiting(run) ? run.waitingWeight : 0);
    virtualNow += actualSeconds / (weight(run) + others);
    double difference = actualSeconds - Math.max(expectedSeconds, UNKNOWN_SECONDS);
    move(run, Math.max(virtualNow, run.virtualStart + difference / weight(run)));
  }

  /** Returns the weight of a job. Each step of priority doubles the weight. */
  private static double weight(JobRun run) {
    return Math.scalb(1.0, run.spec().priority() - JobSpec.DEFAULT_PRIORITY);
  }

  private void move(JobRun run, double virtualStart) {
    // The order of an element must not change while it is in the set.
    boolean wasWaiting = waiting.remove(run);
    run.virtualStart = virtualStart;
    if (wasWaiting) {
      waiting.add(run);
    }
  }
}
