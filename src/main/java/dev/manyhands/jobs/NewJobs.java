package dev.manyhands.jobs;

import dev.manyhands.jobs.SubmissionListener.Submitting;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Word;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Makes jobs that are about to be stored. Safe for use by any thread. */
public final class NewJobs {
  private final JobStore store;
  private final Clock clock;
  private final RandomGenerator random;

  public NewJobs(JobStore store, Clock clock, RandomGenerator random) {
    this.store = store;
    this.clock = clock;
    this.random = random;
  }

  /** Returns the id of a new job. Ids rise with the time. */
  JobId nextId() {
    return JobId.next(clock, random);
  }

  /**
   * Makes a job in its first state.
   *
   * @throws Refusal if the job waits for one that does not exist, or takes results as inputs whose
   *     {@code values} differ from its own
   */
  Job make(JobId id, JobSpec spec, Submitting submitting) {
    for (JobId before : spec.waitsFor()) {
      boolean isInput = spec.inputs() instanceof Inputs.Results from && from.job().equals(before);
      Optional<JobSummary> known = store.summary(before);
      if (known.isEmpty()) {
        throw Refusal.invalid(
            isInput ? "/inputs/results" : "/after/" + spec.start().after().indexOf(before),
            "there is no job " + before);
      }
      if (isInput && known.get().outline().values() != spec.values()) {
        throw Refusal.invalid(
            "/inputs/results",
            "job %s has \"values\": \"%s\"; give this job the same, because its items have that form"
                .formatted(before, Word.of(known.get().outline().values())));
      }
    }
    boolean open = spec.inputs() instanceof Inputs.Open || spec.inputs() instanceof Inputs.Results;
    var status = JobStatus.queued(spec.inputs().count(), open);
    return new Job(
        id,
        spec.withFunction(store.shared(spec.function())).withTrace(submitting.trace()),
        clock.instant(),
        spec.waits() ? status.waiting() : status);
  }
}
