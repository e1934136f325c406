package dev.manyhands.engine.scheduler;

import dev.manyhands.model.JobError;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Deadlines of jobs that set {@code timeouts.job}. Owned by the scheduler thread. */
final class Deadlines {
  private final Alarm alarm;

  /** Jobs that have started and have a time limit. */
  private final Set<JobRun> timed = new LinkedHashSet<>();

  Deadlines(Alarm alarm) {
    this.alarm = alarm;
  }

  /** Sets the deadline of a job that has started, if the job has a time limit. */
  void set(JobRun run, Now now) {
    Duration limit = run.spec().timeouts().job();
    if (limit != null && run.startedAt != null) {
      long left = limit.minus(Duration.between(run.startedAt, now.wall())).toNanos();
      run.deadlineNanos = now.nanos() + left;
      timed.add(run);
      alarm.setBy(run.deadlineNanos);
    }
  }

  void remove(JobRun run) {
    timed.remove(run);
  }

  /**
   * Returns one job whose deadline has passed; null if there is none. Sets the alarm for deadlines
   * that are still to come.
   */
  @Nullable JobRun overdue(Now now) {
    JobRun overdue = null;
    for (JobRun run : timed) {
      Long deadline = run.deadlineNanos;
      if (deadline != null && deadline - now.nanos() <= 0) {
        overdue = run;
      } else if (deadline != null) {
        alarm.setBy(deadline);
      }
    }
    return overdue;
  }

  static JobError error(JobRun overdue) {
    Duration limit = overdue.spec().timeouts().job();
    String seconds = limit == null ? "?" : "" + limit.toMillis() / 1000.0;
    return new JobError(
        "TIMEOUT",
        "the job ran longer than its timeouts.job of "
            + seconds
            + " s; finished items keep their results",
        null);
  }
}
