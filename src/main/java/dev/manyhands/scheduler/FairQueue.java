package dev.manyhands.scheduler;

import dev.manyhands.job.JobSpec;
import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which job gets the next slot: start-time fair queueing (Goyal, Vin and Cheng, 1996). A job's
 * virtual start rises with the work it was given, slower for a greater weight, and the least one is
 * served; a job that comes later starts at the present virtual time, so it neither waits for what
 * others had before nor makes up for it.
 *
 * <p>Owned by the scheduler thread.
 */
final class FairQueue {
  /** A chunk of unknown cost counts as this; corrected once it is known. */
  private static final double UNKNOWN_SECONDS = 0.001;

  private final TreeSet<JobRun> waiting =
      new TreeSet<>(
          Comparator.<JobRun>comparingDouble(run -> run.virtualStart)
              .thenComparingLong(run -> run.sequence));

  private double virtualNow;

  /** A new job takes its place at the present. */
  void enter(JobRun run) {
    run.virtualStart = virtualNow;
  }

  /** Makes the job wait for a slot, or not. */
  void setWaiting(JobRun run, boolean wanted) {
    if (wanted) {
      waiting.add(run);
    } else {
      waiting.remove(run);
    }
  }

  /** The job whose turn it is; null when none waits. */
  @Nullable JobRun next() {
    return waiting.isEmpty() ? null : waiting.first();
  }

  /** Whether any other job than this one waits. */
  boolean othersWait(JobRun run) {
    int others = waiting.size() - (waiting.contains(run) ? 1 : 0);
    return others > 0;
  }

  /** Charges a job for a chunk it was just given. */
  void charge(JobRun run, double expectedSeconds) {
    virtualNow = Math.max(virtualNow, run.virtualStart);
    // A job that was away (at its cap) while others were served does not come back with credit.
    move(run, virtualNow + cost(run, Math.max(expectedSeconds, UNKNOWN_SECONDS)));
  }

  /** Corrects a charge once the truth is known. */
  void correct(JobRun run, double expectedSeconds, double actualSeconds) {
    double difference = actualSeconds - Math.max(expectedSeconds, UNKNOWN_SECONDS);
    move(run, Math.max(virtualNow, run.virtualStart + cost(run, difference)));
  }

  /** Each step of priority doubles a job's share. */
  private static double cost(JobRun run, double seconds) {
    return Math.scalb(seconds, JobSpec.DEFAULT_PRIORITY - run.spec().priority());
  }

  private void move(JobRun run, double virtualStart) {
    // The order of a set must not change under it.
    boolean wasWaiting = waiting.remove(run);
    run.virtualStart = virtualStart;
    if (wasWaiting) {
      waiting.add(run);
    }
  }
}
