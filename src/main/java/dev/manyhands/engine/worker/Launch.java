package dev.manyhands.engine.worker;

import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Job;
import java.util.concurrent.BlockingDeque;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is to be started.
 *
 * @param worker number of the worker over the life of the service
 * @param job the first job of the worker, whose function the worker runs
 * @param memoryBytes the memory that the worker may hold; 0 for no limit
 * @param traceparent the trace for the environment of a worker that gets no frames; else null
 * @param orders the messages for the worker; the pool adds them at the end, shared objects add
 *     answers in front, and the worker's sender takes them
 */
public record Launch(
    long worker,
    Job job,
    long memoryBytes,
    @Nullable String traceparent,
    BlockingDeque<WorkerMessage> orders) {

  public FunctionDefinition definition() {
    return job.spec().function().definition();
  }
}
