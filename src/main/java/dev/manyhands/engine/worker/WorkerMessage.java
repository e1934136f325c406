package dev.manyhands.engine.worker;

import dev.manyhands.engine.shared.SharedAnswer;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.Job;

/** A message of the service to a worker. A worker receives its messages in order, answers first. */
public sealed interface WorkerMessage {

  /** Loads the function; sent once, first of all. */
  record Load(Job job) implements WorkerMessage {}

  /** Announces that the chunks that follow belong to this job. */
  record Begin(Job job) implements WorkerMessage {}

  /** Runs these items. */
  record Run(Chunk chunk, Job job) implements WorkerMessage {}

  /** Answers a call to a shared object that had to wait. */
  record Answer(long call, SharedAnswer answer) implements WorkerMessage {}

  /** Closes the pipe to the worker, so that the worker ends. */
  record End() implements WorkerMessage {}
}
