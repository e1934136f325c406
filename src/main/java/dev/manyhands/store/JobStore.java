package dev.manyhands.store;

import dev.manyhands.job.Function;
import dev.manyhands.job.InputsOwner;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.JobState;
import dev.manyhands.job.JobStatus;
import dev.manyhands.job.JobSummary;
import dev.manyhands.job.Outcomes;
import dev.manyhands.job.ServiceDeaths;
import dev.manyhands.job.Tally;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything the service must not forget. Safe for use by any thread.
 *
 * <p>Writes return at once; their future completes when the write is on disk, in the order they
 * were called, and completes exceptionally with a {@link StoreException} when it never will be.
 * Reads block the calling thread.
 *
 * <p>Writes about a running job name the {@code version} under which it was granted. When the job
 * has since been granted under another version, or has ended or is gone, such a write changes
 * nothing and its future yields {@code false}: that fence is what makes an outcome exactly-once.
 */
public interface JobStore extends AutoCloseable {

  /** Version of a job that was just submitted. */
  long FIRST_VERSION = 1;

  /**
   * Takes a job in, whole or not at all: the job, its last inputs and its idempotency key in one
   * transaction.
   *
   * @param job in state {@code QUEUED} or {@code WAITING}
   * @param lastSegment inputs that were not sent ahead by {@link #addInputs}; null when there are
   *     none
   * @param key null when the client gave none
   * @return the new job's id, or what was submitted under the same key before
   */
  CompletableFuture<Submission> submit(
      Job job, @Nullable InputSegment lastSegment, @Nullable IdempotencyKey key);

  /**
   * Stores inputs ahead of their job. Segments whose job never comes are dropped by the next {@link
   * #grantUnfinished}.
   */
  CompletableFuture<Void> addInputs(JobId id, InputSegment segment);

  /** Drops inputs that were sent ahead of a job that will not come. */
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
   * @return as above; empty also when another request has gone on under the key
   */
  CompletableFuture<Optional<ItemRange>> append(
      JobId id, KeyedAppend.Part part, byte[] joined, int count);

  /** Returns how much is stored of a request that appended under this key. */
  KeyedAppend appended(JobId id, String key);

  /**
   * Notes that a request under a key has no more items.
   *
   * @return false when another request has gone on under the key, or the job is gone
   */
  CompletableFuture<Boolean> completeAppend(JobId id, KeyedAppend.Part end);

  /**
   * Adds items as {@link InputsOwner#FEED}: this write waits for a database that is away, so that
   * nobody has to find out what became of it.
   */
  CompletableFuture<Optional<ItemRange>> feed(JobId id, byte[] joined, int count);

  /**
   * Notes that no more inputs come.
   *
   * @param by the one that closes them; it must own the inputs
   * @return how many the job has; empty when its inputs were not open to this owner
   */
  CompletableFuture<Optional<Long>> closeInputs(JobId id, InputsOwner by);

  /**
   * Replaces what a user asked for by what the same user has changed it to; false when the job has
   * ended or is not there.
   */
  CompletableFuture<Boolean> change(JobId id, JobSpec spec);

  /** Notes that a job that waited may run now; to say it again changes nothing. */
  CompletableFuture<Boolean> queue(JobId id, long version);

  /**
   * Makes calls whose writes are to share one commit, as far as that is not too large. The writer
   * waits meanwhile: the calls must be few, and must not wait for any write.
   */
  void together(Runnable calls);

  /** Notes that the first chunk of a job has started. */
  CompletableFuture<Boolean> started(JobId id, long version, Instant at);

  /**
   * Notes, before they run, that these items of a job are about to run while nothing else does.
   *
   * @param deaths of the service so far, while just these items ran
   */
  CompletableFuture<Boolean> alone(JobId id, long version, ItemRange items, int deaths);

  /** Forgets how often the service died with its jobs: it has run with them for a while. */
  CompletableFuture<Void> forgetDeaths();

  /** Notes that the service ends of its own accord, so that no job is suspected of it. */
  CompletableFuture<Void> endsByItself();

  /**
   * Records outcomes, once. Besides a stale version, outcomes that overlap recorded ones are
   * refused whole.
   *
   * @return whether they were recorded
   */
  CompletableFuture<Boolean> record(JobId id, long version, OutcomeReport report);

  /**
   * Ends a job. Items without an outcome stay without one: readers see them as skipped. An end that
   * needs all outcomes fails if one of them could not be stored: the job is then to end as failed.
   *
   * <p>Items that were appended but are not in the status count as skipped.
   *
   * @param status terminal
   * @return the status as stored; nothing if the job has ended or is under another version
   */
  CompletableFuture<Optional<JobStatus>> finish(JobId id, long version, JobStatus status);

  /**
   * Forgets a job that has ended, with all that belongs to it; false when there is no such ended
   * job. Readers of the job get a {@link JobGoneException}.
   */
  CompletableFuture<Boolean> delete(JobId id);

  /**
   * Forgets a job whose time is over; false when there is no such ended job, or it is in use: it is
   * kept ({@link #keep}), or another job has yet to take its results as inputs.
   */
  CompletableFuture<Boolean> deleteExpired(JobId id);

  /**
   * Keeps a job from being forgotten by itself while the caller reads, for a day at most. A user
   * can delete it all the same.
   */
  Keeping keep(JobId id);

  /** Keeps a job until it is closed. */
  @FunctionalInterface
  interface Keeping extends AutoCloseable {
    @Override
    void close();
  }

  Optional<Job> find(JobId id);

  /** The job without what may be large: neither code nor arguments are read. */
  Optional<JobSummary> summary(JobId id);

  /**
   * Returns the state of a job. For a deleted job that another job waits for, returns the state in
   * which the deleted job had ended.
   */
  Optional<JobState> stateOf(JobId id);

  /**
   * The function with the definition that is in memory already, if an equal one is. Jobs that run
   * hold a definition together by that.
   */
  Function shared(Function function);

  /**
   * The first submission under this key, if there was one and it is not older than the keys are
   * kept. A submission whose commit is in doubt is not answered before the doubt is over: it may be
   * taken back.
   */
  CompletableFuture<Optional<Submission>> findByKey(IdempotencyKey key);

  /** Jobs that match, newest first, without what may be large. */
  List<JobSummary> list(JobQuery query);

  /**
   * Takes over every job that has not ended, each under its next version, in order of submission.
   * Called once, at the start of the service, before anything else is written.
   */
  List<Grant> grantUnfinished();

  /**
   * The stored segment that holds the item, which must be one of a listed job.
   *
   * @throws JobGoneException when the job was deleted
   */
  InputSegment inputsAt(JobId id, long index);

  /**
   * Hands over the recorded reports that touch these items, in input order, one at a time, without
   * holding them all. The reader must be quick: it holds what others may need.
   *
   * @throws JobGoneException when the job is deleted before the last was read. Else items that no
   *     report was about had no outcome, which is final when the job has ended.
   */
  void outcomes(JobId id, ItemRange items, Consumer<OutcomeReport> reader);

  /**
   * The same for readers that may be as slow as somebody's connection, until one says that it wants
   * no more. Where many read at once a report may come in parts, as several about fewer items each.
   *
   * @throws JobGoneException as {@link #outcomes} does
   */
  void streamOutcomes(JobId id, ItemRange items, Predicate<OutcomeReport> reader);

  /**
   * Hands over the recorded reports that touch these places, in the order in which they were
   * recorded, one at a time, without holding them all. That order never changes and has no gaps:
   * what comes later comes behind. The reader may be slow; a report may come in parts then, as with
   * {@link #streamOutcomes}.
   *
   * @return the first place that has no item yet, or the end of the range if all of it has
   * @throws JobGoneException as {@link #outcomes} does
   */
  long completions(JobId id, ItemRange places, Consumer<Completion> reader);

  /**
   * Hands over what is known of every recorded report besides the values, in input order, one at a
   * time, without holding them all.
   *
   * @throws JobGoneException as {@link #outcomes} does
   */
  void chunkReports(JobId id, Consumer<ChunkReport> reader);

  /**
   * Some of the jobs that have ended, were to be kept for a time that is over, and are not in use.
   */
  List<JobId> expired(Instant now, int limit);

  /** How many jobs are in each state that has any. */
  Map<JobState, Long> countByState();

  /** Completes normally when the database answers within a few seconds. */
  void ping() throws StoreException;

  @Override
  void close();

  /**
   * Inputs that lie next to each other.
   *
   * @param items which
   * @param bytes their JSON in order, joined by commas, as it was posted
   */
  record InputSegment(ItemRange items, byte[] bytes) {}

  /**
   * A client's name for its request.
   *
   * @param key what it sent
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
   * The report of a worker on some items, and the identity of the worker.
   *
   * @param worker its number in the service's life, at least 1, or {@link #REMEMBERED}, or {@link
   *     #SERVICE}
   * @param pid its process
   * @param startedAt when the service handed the items over
   * @param finishedAt when the report was in
   * @param attempt 1 unless items were tried before
   */
  record OutcomeReport(
      Outcomes outcomes,
      long worker,
      long pid,
      Instant startedAt,
      Instant finishedAt,
      int attempt) {

    /** The {@code worker} of outcomes that no worker made, because they were remembered. */
    public static final long REMEMBERED = 0;

    /** The {@code worker} of outcomes that the service itself gave, in place of one more try. */
    public static final long SERVICE = -1;

    /** Whether it is about all of these items. */
    boolean covers(ItemRange wanted) {
      ItemRange items = outcomes.items();
      return items.first() <= wanted.first() && wanted.end() <= items.end();
    }

    /** The same about other items. */
    OutcomeReport withOutcomes(Outcomes others) {
      return new OutcomeReport(others, worker, pid, startedAt, finishedAt, attempt);
    }
  }

  /**
   * An {@link OutcomeReport} and where its first item stands in the order of completion.
   *
   * @param place how many items of the job were recorded before
   */
  record Completion(long place, OutcomeReport report) {}

  /**
   * An {@link OutcomeReport} without the values and errors of the items.
   *
   * @param failed how many of the items failed
   */
  record ChunkReport(
      ItemRange items,
      long failed,
      Outcomes.Cost cost,
      long worker,
      long pid,
      Instant startedAt,
      Instant finishedAt,
      int attempt) {

    /** Whether a worker has run the items: what was remembered ran nowhere. */
    public boolean ran() {
      return worker != OutcomeReport.REMEMBERED && worker != OutcomeReport.SERVICE;
    }
  }

  /**
   * A job handed to this node.
   *
   * @param version names the grant in every later write
   * @param done items that have outcomes, as ascending ranges that neither touch nor overlap
   * @param tally of those
   * @param partials of a job that reduces its results: their combiner's, over those
   * @param deaths of the service while the job was running
   */
  record Grant(
      Job job,
      long version,
      List<ItemRange> done,
      Tally tally,
      List<byte[]> partials,
      ServiceDeaths deaths) {

    public Grant(Job job, long version, List<ItemRange> done, Tally tally, List<byte[]> partials) {
      this(job, version, done, tally, partials, ServiceDeaths.NONE);
    }
  }

  /**
   * Which jobs to list; null matches all.
   *
   * @param before only jobs older than this one (a cursor)
   * @param limit how many jobs to list at most
   */
  record JobQuery(
      @Nullable JobState state,
      @Nullable String function,
      @Nullable String labelKey,
      @Nullable String labelValue,
      @Nullable Instant since,
      @Nullable JobId before,
      int limit) {}
}
