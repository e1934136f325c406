package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.combine.BeyondDoublesException;
import dev.manyhands.model.combine.Combiner;
import dev.manyhands.support.Word;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the partials of jobs that reduce their results. All methods are for one thread, which is
 * called the caller here, and return at once.
 *
 * <p>How long a merge takes depends on the length of numbers, which users decide. A merge of a long
 * partial is therefore made by an executor, and so are all later merges of that job. While a job
 * has sent short partials only, the caller merges them: that takes microseconds, less than handing
 * them over, and the end of the job can share a commit with its last outcomes.
 *
 * <p>A reduction that fails, with whatever {@link Throwable}, fails for good and has no result.
 */
final class Reductions {
  private static final Logger log = LoggerFactory.getLogger(Reductions.class);

  /**
   * The most bytes that the caller merges in one call. The executor merges longer ones. Numbers of
   * a thousand digits are read in microseconds.
   */
  static final int SHORT_BYTES = 1_000;

  /** The stop reason of a job whose results could not be reduced. */
  static final String STOP_REASON = "notReduced";

  private static final CompletableFuture<?> DONE = CompletableFuture.completedFuture(null);

  private final Executor executor;
  private final int shortBytes;
  private final Map<JobId, Reduction> reductions = new HashMap<>();

  /**
   * @param executor runs tasks one at a time, in order
   * @param shortBytes the most bytes that the caller merges in one call
   */
  Reductions(Executor executor, int shortBytes) {
    this.executor = executor;
    this.shortBytes = shortBytes;
  }

  /**
   * The reduction of one job. Owned by the caller until it is handed over, and by the executor from
   * then on.
   */
  private static final class Reduction {
    final long version;
    final Combiner combiner;

    /** Owned by the caller. */
    boolean handedOver;

    /** The reason why the job has no result; null while it may have one. */
    @Nullable Throwable failure;

    Reduction(long version, Combiner combiner) {
      this.version = version;
      this.combiner = combiner;
    }

    @Nullable String merge(List<byte[]> partials) {
      partials.forEach(combiner::merge);
      return null;
    }

    /**
     * Completes the answer in any case: an error must end the job, but neither of the threads.
     * After a first error, no more work is done, and each answer is this error.
     */
    void answer(CompletableFuture<@Nullable String> answer, Supplier<@Nullable String> work) {
      Throwable before = failure;
      if (before != null) {
        answer.completeExceptionally(before);
        return;
      }
      try {
        answer.complete(work.get());
      } catch (Throwable why) {
        failure = why;
        answer.completeExceptionally(why);
      }
    }
  }

  /**
   * Begins the reduction of a job under this version. A job that keeps all its results has none.
   */
  void begin(Job job, long version) {
    Reduce reduce = job.spec().reduce();
    if (reduce != Reduce.LIST) {
      var combiner = Combiner.of(Word.of(reduce));
      reductions.put(job.id(), new Reduction(version, combiner));
    }
  }

  /**
   * Merges the results of some items of a job.
   *
   * @return completes when they are merged, exceptionally if the reduction has failed; completed
   *     already where the job does not reduce its results
   */
  CompletableFuture<?> merge(JobId job, List<byte[]> partials) {
    Reduction reduction = reductions.get(job);
    if (reduction == null || partials.isEmpty()) {
      return DONE;
    }
    reduction.handedOver |= bytes(partials) > shortBytes;
    return answer(reduction, () -> reduction.merge(partials));
  }

  /** Returns about how much memory partials take until they are merged. */
  static long bytes(List<byte[]> partials) {
    return partials.stream().mapToLong(partial -> partial.length).sum();
  }

  /**
   * Ends the reduction of a job.
   *
   * @param reduces whether the job reduces its results, so that it needs a reduction to have
   *     succeeded
   * @return yields the end of the job with the reduced result; never fails
   */
  CompletableFuture<Action.Finish> finish(Action.Finish finish, boolean reduces) {
    Reduction reduction = reductions.get(finish.job());
    if (reduction == null) {
      Throwable lost = reduces ? new IllegalStateException("its partials are lost") : null;
      return CompletableFuture.completedFuture(withResult(finish, null, lost));
    }
    var finished =
        answer(reduction, reduction.combiner::result)
            .handle((result, failure) -> withResult(finish, result, failure));
    reductions.remove(finish.job());
    return finished;
  }

  /** Adds the result to the end of a job. A job whose reduction failed does not succeed. */
  private static Action.Finish withResult(
      Action.Finish finish, @Nullable String result, @Nullable Throwable failure) {
    JobStatus status = finish.status();
    status = result == null ? status : status.withResult(result);
    if (failure != null) {
      if (!(failure instanceof BeyondDoublesException)) { // no fault of the service
        log.error("the results of job {} could not be reduced", finish.job(), failure);
      }
      if (status.state() == JobState.SUCCEEDED) {
        status = status.failed(STOP_REASON, error(failure));
      }
    }
    return new Action.Finish(finish.job(), finish.version(), status);
  }

  /** Returns the error for the user of the job. */
  static JobError error(Throwable failure) {
    String why =
        failure instanceof BeyondDoublesException beyond
            ? String.valueOf(beyond.getMessage())
            : "the results of its items could not be reduced to one ("
                + (failure.getClass().getSimpleName() + "); the log of the service says why");
    return new JobError("NOT_REDUCED", why, null);
  }

  /** Removes the reduction of a job that no longer runs here under this version. */
  void forget(JobId job, long version) {
    reductions.computeIfPresent(job, (id, held) -> held.version == version ? null : held);
  }

  private CompletableFuture<@Nullable String> answer(
      Reduction reduction, Supplier<@Nullable String> work) {
    var answer = new CompletableFuture<@Nullable String>();
    if (reduction.handedOver) {
      executor.execute(() -> reduction.answer(answer, work));
    } else {
      reduction.answer(answer, work);
    }
    return answer;
  }
}
