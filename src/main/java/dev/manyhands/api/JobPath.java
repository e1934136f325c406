package dev.manyhands.api;

import dev.manyhands.job.JobId;
import dev.manyhands.job.Refusal;

/** Paths of jobs: reads the id in the path of a request, and makes the path of a job. */
final class JobPath {
  /** The path of all jobs. */
  static final String JOBS = "/api/v1/jobs";

  private JobPath() {}

  /**
   * Returns the id in a path.
   *
   * @throws Refusal if no job has such an id
   */
  static JobId id(String text) {
    return JobId.parse(text).orElseThrow(() -> Refusal.notFound("there is no job " + text));
  }

  static String of(JobId job) {
    return JOBS + "/" + job;
  }
}
