package dev.manyhands.scheduler;

import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.worker.WorkerEvent;
import dev.manyhands.worker.WorkerView;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A message to the scheduler's thread. */
sealed interface Message {

  /** Decide this. */
  record Told(Command command) implements Message {}

  /** A job is to run, of which some results may have been reduced before. */
  record Begun(Command.Run run, List<byte[]> partials) implements Message {}

  /** The end of a job, with its reduced result. */
  record Reduced(Action.Finish finish) implements Message {}

  /**
   * The store refused the end of a job, which ends in this way instead.
   *
   * @param job null if the job did not run here
   */
  record NotEnded(@Nullable Job job, Action.Finish finish) implements Message {}

  /** A thread of a worker saw this. */
  record Seen(WorkerEvent event) implements Message {}

  /** The store knows that the chunk runs alone, or has refused to note it. */
  record Noted(Action.Dispatch dispatch, boolean durable) implements Message {}

  /** Outcomes of this size need no memory any longer. */
  record Stored(long bytes) implements Message {}

  /** Answer once all outcomes that were recorded before are on disk. */
  record AskStored(CompletableFuture<Void> answer) implements Message {}

  record AskWorkers(CompletableFuture<List<WorkerView>> answer) implements Message {}

  record AskUnreported(JobId job, CompletableFuture<Double> answer) implements Message {}

  record Stop(CompletableFuture<Void> done, boolean atOnce) implements Message {}
}
