package dev.manyhands.store;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.Function;
import dev.manyhands.model.Grant;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobNote;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.OutcomeReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The durable data of jobs. Safe for use by any thread.
 *
 * <p>Writes return at once. Their futures complete when the write is on disk, in the order of the
 * calls; on a full disk, deletions come first. A future completes exceptionally with a {@link
 * StoreException} when the write never will be on disk. Reads block the calling thread.
 *
 * <p>Writes about a running job name the {@code version} under which it was granted. The fence:
 * such a write changes nothing, and its future yields {@code false} or nothing, when the job has
 * another version, has ended or is gone. The fence makes an outcome exactly-once.
 */
public interface JobStore extends AutoCloseable {

  /** Version of a job that was just submitted. */
  long FIRST_VERSION = 1;

  /**
   * Accepts a job, whole or not at all: the job, its last inputs and its idempotency key in one
   * transaction.
   *
   * @param job in state {@code QUEUED} or {@code WAITING}
   * @param lastSegment inputs that were not sent ahead by {@link #addInputs}; null when there are
   *     none
   * @param key null when the client gave none
   * @return the new job's id, or the earlier submission under this key; fails with a {@code
   *     Refusal} if the bundle of the function is gone
   */
  CompletableFuture<Submission> submit(
      Job job, @Nullable InputSegment lastSegment, @Nullable IdempotencyKey key);

  /**
   * Stores inputs ahead of their job. The next {@link #grantUnfinished} removes segments whose job
   * never comes.
   */
  CompletableFuture<Void> addInputs(JobId id, InputSegment segment);

  /** Removes inputs that were sent ahead of a job that will not come. */
  CompletableFuture<Void> dropInputs(JobId id);

  /**
   * Adds items behind the items of a job with open inputs, and raises its total by their number.
   *
   * @param by the owner that adds the items; it must own the inputs
   * @param joined their JSON, joined by commas
   * @param count how many items there are, at least 1
   * @return the indexes of the items; empty when the job takes no more inputs from this owner or
   *     does not exist
   */
  CompletableFuture<Optional<ItemRange>> append(JobId id, InputsOwner by, byte[] joined, int count);

  /**
   * Adds items as a part of a client's request under an idempotency key.
   *
   * @return the indexes of the items. Empty when the job takes no more inputs from clients or does
   *     not exist. Empty also when another request has gone on under the key
   */
  CompletableFuture<Optional<ItemRange>> append(
      JobId id, KeyedAppend.Part part, byte[] joined, int count);

  /**
   * Adds items of a client, if the job has exactly {@code first} items so far.
   *
   * @param first the index of the first item
   * @param part the part of a request under a key that ends with these items; null without a key
   * @return the indexes of the items. Empty when the job takes no more inputs from clients, has
   *     another number of items, or does not exist. Empty also when another request has gone on
   *     under the key
   */
  CompletableFuture<Optional<ItemRange>> appendAt(
      JobId id, long first, KeyedAppend.@Nullable Part part, byte[] joined, int count);

  /**
   * Returns how many items a job has, in its turn among the writes. An append in doubt is certain
   * or undone by then, whereas a reader may see an append that is undone afterwards. Empty if there
   * is no such job.
   */
  CompletableFuture<Optional<Long>> itemsOf(JobId id);

  /** Returns how much is stored of a request that appended under this key. */
  KeyedAppend appended(JobId id, String key);

  /**
   * Notes that a request under a key has no more items.
   *
   * @param end the end of the request: a part without further items
   * @return false when another request has gone on under the key, or the job is gone
   */
  CompletableFuture<Boolean> completeAppend(JobId id, KeyedAppend.Part end);

  /**
   * Adds items as {@link InputsOwner#FEED}. This write waits for a database that is away, so that
   * no caller has to find out whether it happened.
   */
  CompletableFuture<Optional<ItemRange>> feed(JobId id, byte[] joined, int count);

  /**
   * Notes that no more inputs come.
   *
   * @param by the owner that closes them; it must own the inputs
   * @return how many inputs the job has; empty when they were not open to this owner
   */
  CompletableFuture<Optional<Long>> closeInputs(JobId id, InputsOwner by);

  /**
   * Replaces the stored spec of a job, except its function; false when the job has ended or does
   * not exist.
   */
  CompletableFuture<Boolean> change(JobId id, JobSpec spec);

  /** Adds a note to a job, unless the job has a note of this kind or is gone. */
  CompletableFuture<Void> note(JobId id, JobNote note);

  /** Notes that a waiting job may run now. A second call changes nothing. */
  CompletableFuture<Boolean> queue(JobId id, long version);

  /**
   * Makes calls whose writes share one commit, if they are not too large. The writer waits
   * meanwhile: the calls must be few, and must not wait for any write.
   */
  void together(Runnable calls);

  /**
   * Notes that a job runs, and when its first chunk has started. A later call keeps the first time.
   */
  CompletableFuture<Boolean> started(JobId id, long version, Instant at);

  /**
   * Notes that these items of a job are about to run while nothing else does. Called before they
   * run.
   *
   * @param deaths attempts that these items have lost: deaths of the service, and ends of their
   *     worker
   */
  CompletableFuture<Boolean> alone(JobId id, long version, ItemRange items, int deaths);

  /**
   * Removes the counts of deaths of the service, for all jobs. Called when the service has run with
   * its jobs for a while.
   */
  CompletableFuture<Void> forgetDeaths();

  /**
   * Notes that the service is ending in order, so that the next start counts no death for any job.
   */
  CompletableFuture<Void> endsByItself();

  /**
   * Records outcomes, once. Refuses outcomes under a stale version, and outcomes that overlap
   * recorded ones, as a whole.
   *
   * @return whether the outcomes were recorded
   */
  CompletableFuture<Boolean> record(JobId id, long version, OutcomeReport report);

  /**
   * Ends a job. Items without an outcome stay without one: readers see them as skipped. The end of
   * a job that succeeded, or has no stop reason, fails if one of its outcomes could not be stored.
   * The job must then end as failed, with a stop reason.
   *
   * <p>Items that were appended but are not in the status count as skipped.
   *
   * @param status terminal
   * @return the status as stored; nothing if the job has ended or is under another version
   */
  CompletableFuture<Optional<JobStatus>> finish(JobId id, long version, JobStatus status);

  /**
   * Deletes an ended job with all its data; false when there is no such ended job. Readers of the
   * job get a {@link JobGoneException}.
   */
  CompletableFuture<Boolean> delete(JobId id);

  /**
   * Deletes an ended job as {@link #delete} does, unless the job is in use. The caller has checked
   * that the job's time is over. A job is in use if it is kept ({@link #keep}), or if another job
   * has yet to take its results as inputs.
   *
   * @return false when there is no such ended job, or when the job is in use
   */
  CompletableFuture<Boolean> deleteExpired(JobId id);

  /**
   * Protects a job from {@link #deleteExpired} until the caller closes the returned object. The
   * protection ends without this a day after the last call for the job. A user can still delete the
   * job.
   */
  Keeping keep(JobId id);

  /** The protection of a job by {@link #keep}, until this object is closed. */
  @FunctionalInterface
  interface Keeping extends AutoCloseable {
    @Override
    void close();
  }

  Optional<Job> find(JobId id);

  /** Returns the job without its large parts: neither code nor arguments are read. */
  Optional<JobSummary> summary(JobId id);

  /**
   * Returns what was noted about a job, at most one note of each kind.
   *
   * @throws JobGoneException when the job was deleted
   */
  List<JobNote> notes(JobId id);

  /**
   * Returns the state of a job. For a deleted job that another job waits for, returns the state in
   * which the deleted job had ended.
   */
  Optional<JobState> stateOf(JobId id);

  /**
   * Returns the function with the equal definition that is in memory already. Without one, returns
   * the given function, whose definition is then held while it is in use. Running jobs thus hold
   * one definition together.
   */
  Function shared(Function function);

  /**
   * Returns the first submission under this key, unless it is older than keys are kept. A
   * submission whose commit is in doubt is not answered before the doubt is over, because it may be
   * undone.
   */
  CompletableFuture<Optional<Submission>> findByKey(IdempotencyKey key);

  /**
   * Takes over every job that has not ended, each under its next version, in order of submission.
   * Called once, at the start of the service, before anything else is written.
   */
  List<Grant> grantUnfinished();

  /**
   * Returns the stored segment that holds the item. Items of a range or a repetition are not
   * stored.
   *
   * @throws JobGoneException when the job was deleted
   */
  InputSegment inputsAt(JobId id, long index);

  /** Returns which items of their parents the retries try again. */
  RetriedItems retriedItems();

  /** Returns which items of running jobs are cancelled. */
  CancelledItems cancelledItems();

  /**
   * Hands over the recorded reports that touch these items, in input order, one at a time, without
   * holding them all. The reader must be quick, because it holds resources that others may need.
   *
   * @throws JobGoneException when the job is deleted before the last report was read. Without this
   *     exception, an item without a report had no outcome, which is final when the job has ended.
   */
  void outcomes(JobId id, ItemRange items, Consumer<OutcomeReport> reader);

  /**
   * Hands over reports as {@link #outcomes} does, to a reader that may be as slow as a client's
   * connection. Stops when the reader wants no more. Where many readers read at once, a report may
   * come in parts, as several reports about fewer items each.
   *
   * @throws JobGoneException as {@link #outcomes} does
   */
  void streamOutcomes(JobId id, ItemRange items, Predicate<OutcomeReport> reader);

  /**
   * Hands over the recorded reports that touch these places, one at a time, without holding them
   * all. They come in the order in which they were recorded. This order never changes and has no
   * gaps: later reports have later places. The reader may be slow. A report may then come in parts,
   * as with {@link #streamOutcomes}.
   *
   * @return the first place that has no item yet, or the end of the range if all places have one
   * @throws JobGoneException as {@link #outcomes} does
   */
  long completions(JobId id, ItemRange places, Consumer<Completion> reader);

  /**
   * A failed item.
   *
   * @param report about the item and others; it may lack its values
   */
  record FailedItem(ItemError error, OutcomeReport report) {}

  /**
   * Reads the failed items, in their order, while the reader wants more.
   *
   * @param items the range to look at
   * @throws JobGoneException when the job was deleted meanwhile
   */
  void failedItems(JobId id, ItemRange items, Predicate<FailedItem> reader);

  /**
   * Hands over all recorded reports without their values, in input order, one at a time, without
   * holding them all.
   *
   * @throws JobGoneException as {@link #outcomes} does
   */
  void chunkReports(JobId id, Consumer<ChunkReport> reader);

  /**
   * Returns the number of items with a recorded outcome.
   *
   * @throws JobGoneException as {@link #outcomes} does
   */
  default long recordedItems(JobId id) {
    long[] items = {0};
    chunkReports(id, report -> items[0] += report.items().count());
    return items[0];
  }

  /**
   * Returns at most {@code limit} ended jobs whose time to be kept is over and that are not in use,
   * as {@link #deleteExpired} defines it.
   */
  List<JobId> expired(Instant now, int limit);

  /** Returns how many jobs are in each state that has any. */
  Map<JobState, Long> countByState();

  /**
   * Completes normally when the database answers within a few seconds and, as far as is known, can
   * be written to.
   */
  void ping() throws StoreException;

  @Override
  void close();

  /**
   * A client's name for its request.
   *
   * @param key the name that the client sent
   * @param fingerprint digest of the request's body
   */
  record IdempotencyKey(String key, String fingerprint) {}

  /**
   * The result of a submission.
   *
   * @param job the job, new or old
   * @param created whether this very call made it
   * @param sameRequest false when the key was used before with another body
   */
  record Submission(JobId job, boolean created, boolean sameRequest) {}

  /**
   * An {@link OutcomeReport} and where its first item stands in the order of completion.
   *
   * @param place how many items of the job were recorded before
   */
  record Completion(long place, OutcomeReport report) {}
}
