package dev.manyhands.worker;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.Job;

/** A message of the service to a worker. A worker receives its messages in order. */
sealed interface Order {

  /** Loads the function; sent once, first of all. */
  record Load(Job job) implements Order {}

  /** Announces that the chunks that follow belong to this job. */
  record Begin(Job job) implements Order {}

  /** Runs these items. */
  record Run(Chunk chunk, Job job) implements Order {}

  /** Ends the messages and closes the pipe. */
  record End() implements Order {}
}
