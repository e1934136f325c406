package dev.manyhands.worker;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.Job;

/** A message of the service to a worker. A worker receives its messages in order. */
sealed interface Order {

  /** Load the function; once, first of all. */
  record Load(Job job) implements Order {}

  /** The chunks that follow are this job's. */
  record Begin(Job job) implements Order {}

  /** Run these items. */
  record Run(Chunk chunk, Job job) implements Order {}

  /** There is no more: close the pipe. */
  record End() implements Order {}
}
