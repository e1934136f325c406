package dev.manyhands.jobs;

import dev.manyhands.model.Job;
import java.io.IOException;

/** Writes a job as its clients see it. */
@FunctionalInterface
public interface JobBody {

  /**
   * Returns the job as JSON, with its results if they are few.
   *
   * @throws IOException if its results cannot be read
   */
  byte[] of(Job job) throws IOException;
}
