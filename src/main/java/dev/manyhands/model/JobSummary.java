package dev.manyhands.model;

import java.time.Instant;

/**
 * The part of a {@link Job} that lists show.
 *
 * @param functionName the name of its function
 * @param functionDigest the digest of its function
 * @param runtime what runs its function
 * @param status without the {@code result}, which may be large, if the summary was read from the
 *     store
 */
public record JobSummary(
    JobId id,
    String functionName,
    String functionDigest,
    FunctionRuntime runtime,
    JobOutline outline,
    Instant submittedAt,
    JobStatus status) {

  public JobSummary withStatus(JobStatus newStatus) {
    return new JobSummary(
        id, functionName, functionDigest, runtime, outline, submittedAt, newStatus);
  }
}
