package dev.manyhands.model;

import java.time.Instant;

/** One function applied to many inputs, with its progress. */
public record Job(JobId id, JobSpec spec, Instant submittedAt, JobStatus status) {

  public Job withSpec(JobSpec newSpec) {
    return new Job(id, newSpec, submittedAt, status);
  }

  public Job withStatus(JobStatus newStatus) {
    return new Job(id, spec, submittedAt, newStatus);
  }

  /**
   * Returns the set that the shared objects belong to: one of the job alone, or one that was
   * created alone.
   */
  public SharedSetId sharedSet() {
    return spec.sharedSet() == null ? SharedSetId.of(id) : spec.sharedSet().id();
  }

  /**
   * Returns the part of the job that lists show, but with the whole status. Its {@code result} may
   * be large.
   */
  public JobSummary summary() {
    var function = spec.function();
    return new JobSummary(
        id,
        function.name(),
        function.digest(),
        function.definition().runtime(),
        spec.outline(),
        submittedAt,
        status);
  }
}
