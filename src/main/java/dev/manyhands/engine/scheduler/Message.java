package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A message to the scheduler's thread. */
sealed interface Message {

  /** An event for the core. */
  record Told(CoreEvent event) implements Message {}

  /** A job is to run. Some of its results may have been reduced before. */
  record Begun(CoreEvent.Run run, List<byte[]> partials) implements Message {}

  /** The end of a job, with its reduced result, which is ready to be stored. */
  record Reduced(Action.Finish finish) implements Message {}

  /**
   * The end of a job could not be stored. The job is to end as failed instead, as {@code finish}
   * shows.
   *
   * @param job null if the job did not run here
   */
  record NotEnded(@Nullable Job job, Action.Finish finish) implements Message {}

  /**
   * The store has answered about the end of a job, and a fault has kept its thread from showing the
   * end.
   *
   * @param job null if the job did not run here
   * @param answer is complete
   */
  record Answered(
      @Nullable Job job,
      Action.Finish finish,
      CompletableFuture<Optional<JobStatus>> answer,
      Throwable fault)
      implements Message {}

  /** An event of a worker, which another thread saw. */
  record Seen(WorkerEvent event) implements Message {}

  /** The store has noted that the chunk runs alone, or has refused to note it. */
  record Noted(Action.Dispatch dispatch, boolean durable) implements Message {}

  /** This many bytes of outcomes no longer count as unstored. */
  record Stored(long bytes) implements Message {}

  /** A request for an answer once all outcomes that were recorded before are on disk. */
  record AskStored(CompletableFuture<Void> answer) implements Message {}

  /** A request to cancel items of a job. */
  record CancelItems(
      JobId job, List<ItemRange> items, boolean force, CompletableFuture<Cancellation> answer)
      implements Message {}

  record AskWorkers(CompletableFuture<List<WorkerView>> answer) implements Message {}

  record AskUnreported(JobId job, CompletableFuture<Double> answer) implements Message {}

  record Stop(CompletableFuture<Void> done, boolean atOnce) implements Message {}
}
