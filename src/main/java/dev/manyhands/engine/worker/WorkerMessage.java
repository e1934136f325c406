package dev.manyhands.engine.worker;

import dev.manyhands.model.Chunk;
import dev.manyhands.model.Job;

/** A message of the service to a worker. A worker receives its messages in order. */
public sealed interface WorkerMessage {

  /** Loads the function; sent once, first of all. */
  record Load(Job job) implements WorkerMessage {}

  /** Announces that the chunks that follow belong to this job. */
  record Begin(Job job) implements WorkerMessage {}

  /** Runs these items. */
  record Run(Chunk chunk, Job job) implements WorkerMessage {}

  /** Closes the pipe to the worker, so that the worker ends. */
  record End() implements WorkerMessage {}
}
