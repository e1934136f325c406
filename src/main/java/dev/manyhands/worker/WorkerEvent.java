package dev.manyhands.worker;

import dev.manyhands.job.ItemRange;
import dev.manyhands.job.JobError;
import dev.manyhands.job.JobId;
import dev.manyhands.job.Outcomes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event that a worker's threads saw, for the thread that owns the {@link WorkerPool}. The events
 * of one worker come in the order in which they happened.
 */
public sealed interface WorkerEvent {

  /** Names the worker over the life of the service. */
  long worker();

  /** Its process runs. */
  record Launched(long worker, RunningWorker process) implements WorkerEvent {}

  /** There will be no process. */
  record NotLaunched(long worker, JobError error, StartFault fault) implements WorkerEvent {}

  /** It speaks the protocol. */
  record Ready(long worker, String runtime) implements WorkerEvent {}

  record Loaded(long worker) implements WorkerEvent {}

  record NotLoaded(long worker, JobError error) implements WorkerEvent {}

  /**
   * It has outcomes for the next items of the chunk.
   *
   * @param parts of one report, in order; at least one
   */
  record Answered(long worker, long chunk, List<Outcomes> parts, boolean last)
      implements WorkerEvent {
    ItemRange items() {
      return new ItemRange(parts.getFirst().items().first(), parts.getLast().items().end());
    }
  }

  /** Items of the chunk from {@code first} on will not be run. */
  record HandedBack(long worker, long chunk, long first) implements WorkerEvent {}

  /**
   * The command wrote a line that answers no item: results of the job may be those of other items.
   *
   * @param job whose items it answered last, or has
   */
  record Excess(long worker, JobId job, String detail) implements WorkerEvent {}

  /** It broke the protocol, or its pipe did. */
  record Broken(long worker, String detail) implements WorkerEvent {}

  /**
   * Its process has ended, and all that it said before was passed on.
   *
   * @param exitStatus as from {@link Process#exitValue}
   * @param lastWords the end of what it wrote to stderr
   * @param fault what the service failed at, so that it killed the worker; null for nothing
   */
  record Gone(long worker, int exitStatus, @Nullable String lastWords, @Nullable String fault)
      implements WorkerEvent {}

  /**
   * The worker's directory holds more than it may.
   *
   * @param why in words
   */
  record ScratchFull(long worker, String why) implements WorkerEvent {}

  /** The resource use of the worker, as the operating system measures it. */
  record Usage(long worker, long rssBytes, double cpuSeconds) implements WorkerEvent {}
}
