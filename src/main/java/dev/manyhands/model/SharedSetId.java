package dev.manyhands.model;

import java.time.Clock;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Names a set of shared objects. A set that a job declares has the id of the job. A set that was
 * created alone has an id of its own, which differs from all ids of jobs.
 */
public record SharedSetId(UUID value) {

  /** Returns the id of the set that a job declares. */
  public static SharedSetId of(JobId job) {
    return new SharedSetId(job.value());
  }

  /** Returns a new id for a set that is created alone. */
  public static SharedSetId next(Clock clock, RandomGenerator random) {
    return of(JobId.next(clock, random));
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
