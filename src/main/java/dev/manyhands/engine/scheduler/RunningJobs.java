package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The jobs that run here. Owned by the scheduler's thread. */
final class RunningJobs {
  private final Map<JobId, Job> jobs = new HashMap<>();

  /** Jobs with outcomes that did not reach the store. */
  private final Set<JobId> incomplete = new HashSet<>();

  void begin(Job job) {
    jobs.put(job.id(), job);
    incomplete.remove(job.id());
  }

  /** Takes back a job whose end could not be stored. */
  void goOn(Job job) {
    jobs.put(job.id(), job);
  }

  /** Returns the job; null if it does not run here. */
  @Nullable Job get(JobId id) {
    return jobs.get(id);
  }

  boolean has(JobId id) {
    return jobs.containsKey(id);
  }

  /** Notes that outcomes of a job did not reach the store: the job must not succeed. */
  void lacksOutcomes(JobId id) {
    incomplete.add(id);
  }

  boolean isIncomplete(JobId id) {
    return incomplete.contains(id);
  }

  void end(JobId id) {
    jobs.remove(id);
    incomplete.remove(id);
  }
}
