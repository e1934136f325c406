package dev.manyhands.engine.worker;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Outcomes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event of a worker, for the thread that owns the {@code WorkerPool}. Mostly a thread of the
 * worker saw the event. The events of one worker come in the order in which they happened.
 */
public sealed interface WorkerEvent {

  /** Returns the number of the worker over the life of the service. */
  long worker();

  /** The process of the worker runs. */
  record Launched(long worker, RunningWorker process) implements WorkerEvent {}

  /** The worker could not be started, and will have no process. */
  record NotLaunched(long worker, JobError error, StartFault fault) implements WorkerEvent {}

  /** The worker speaks the protocol; {@code runtime} is the version that it reports. */
  record Ready(long worker, String runtime) implements WorkerEvent {}

  record Loaded(long worker) implements WorkerEvent {}

  record NotLoaded(long worker, JobError error) implements WorkerEvent {}

  /**
   * The worker has outcomes for the next items of the chunk.
   *
   * @param parts the parts of one report, in order; at least one
   * @param last whether this report completes the chunk
   */
  record Answered(long worker, long chunk, List<Outcomes> parts, boolean last)
      implements WorkerEvent {
    public ItemRange items() {
      return new ItemRange(parts.getFirst().items().first(), parts.getLast().items().end());
    }
  }

  /**
   * The code of the function seeds random numbers itself, although its job has a seed.
   *
   * @param call the call that seeds, as the worker has found it
   */
  record SeedsItself(long worker, JobId job, String call) implements WorkerEvent {}

  /** Items of the chunk from {@code first} on will not be run by this worker. */
  record HandedBack(long worker, long chunk, long first) implements WorkerEvent {}

  /**
   * The command wrote a line that answers no item. Results of the job may belong to other items.
   *
   * @param job the job of the chunk that the command has; without one, the job that the command
   *     answered last
   */
  record Excess(long worker, JobId job, String detail) implements WorkerEvent {}

  /** The worker broke the protocol, or its pipe broke. */
  record Broken(long worker, String detail) implements WorkerEvent {}

  /**
   * The process of the worker has ended, and its output was passed on, unless another process holds
   * its pipes open.
   *
   * @param exitStatus the status as from {@link Process#exitValue}
   * @param lastWords the end of its stderr; null for none
   * @param fault the failure of the service because of which it killed the worker; null for none
   */
  record Gone(long worker, int exitStatus, @Nullable String lastWords, @Nullable String fault)
      implements WorkerEvent {}

  /**
   * The worker's directory holds more than it may.
   *
   * @param why the limit that was exceeded, or the fault, in words
   */
  record ScratchFull(long worker, String why) implements WorkerEvent {}

  /** The present use of resources by the worker and all that it has started. */
  record Usage(long worker, long rssBytes, double cpuSeconds) implements WorkerEvent {}
}
