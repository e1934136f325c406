package dev.manyhands.http;

import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;

/** Paths of jobs: reads the id in the path of a request, and makes the path of a job. */
public final class JobPath {
  /** The path of all jobs. */
  public static final String JOBS = "/api/v1/jobs";

  private JobPath() {}

  /**
   * Returns the id in a path.
   *
   * @throws Refusal if no job has such an id
   */
  public static JobId id(String text) {
    return JobId.parse(text).orElseThrow(() -> Refusal.notFound("there is no job " + text));
  }

  public static String of(JobId job) {
    return JOBS + "/" + job;
  }
}
