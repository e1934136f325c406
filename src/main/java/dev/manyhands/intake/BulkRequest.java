package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobFilter;
import org.jspecify.annotations.Nullable;

/**
 * The part of a request about many jobs that all such requests have.
 *
 * @param expect how many jobs the client expects to match the filter
 */
public record BulkRequest(@Nullable FilterRequest filter, @Nullable Long expect) {

  /**
   * Returns the jobs that are meant.
   *
   * @throws Refusal if the filter is missing, or names no jobs
   */
  public JobFilter jobs() {
    if (filter == null) {
      throw Refusal.malformed(
          "/filter", "is required: which jobs; {\"all\": true} matches every job");
    }
    return filter.ofBody("/filter");
  }

  /**
   * Returns the expected number of jobs.
   *
   * @param most how many jobs one request may be about
   * @throws Refusal if the number is missing or too large
   */
  public long expected(int most) {
    if (expect == null) {
      throw Refusal.malformed(
          "/expect", "is required: how many jobs match the filter, as GET /api/v1/jobs shows");
    }
    return JobOptions.within(expect, 0, most, "/expect");
  }
}
