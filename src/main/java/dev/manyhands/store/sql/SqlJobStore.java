package dev.manyhands.store.sql;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.Function;
import dev.manyhands.model.Grant;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobNote;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.CancelledItems;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.KeyedAppend;
import dev.manyhands.store.RetriedItems;
import dev.manyhands.store.sql.JobWrites.Asked;
import dev.manyhands.store.sql.JobWrites.NewJob;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in SQLite or PostgreSQL. Writes go through the one writer, which groups them. Reads have
 * connections of their own.
 *
 * <p>While a job runs, its row states only that the job was submitted and has started. Its progress
 * is in the recorded outcomes, and in the scheduler. JSON is made in the caller's thread, so that
 * the writer only writes.
 */
final class SqlJobStore implements JobStore {
  /** About how many bytes a write has besides its blobs. */
  static final long ROW_BYTES = 200;

  private final Database database;
  private final GroupCommit writer;
  private final IdempotencyKeys keys;
  private final Definitions definitions;

  private final JobWrites writes;
  private final SubmitWrites submissions;
  private final StatusWrites statuses;
  private final JobReads reads;
  private final StoredOutcomes outcomes;
  private final Recent<InputSegment> recentInputs = new Recent<>();
  private final SqlInputs inputs;
  private final SqlRetriedItems retriedItems;
  private final Keepers keepers;
  private final Deletions deletions;

  SqlJobStore(Database database, Definitions definitions, Clock clock) {
    this.database = database;
    this.definitions = definitions;
    this.writer = database.writer();
    this.keys = new IdempotencyKeys(database, clock);
    this.writes = new JobWrites(database.dialect());
    this.statuses = new StatusWrites(writer, writes);
    this.reads = new JobReads(database, definitions);
    this.outcomes = new StoredOutcomes(database, Runtime.getRuntime().maxMemory());
    var inputWrites = new InputWrites(database.dialect());
    this.inputs = new SqlInputs(database, inputWrites);
    this.submissions = new SubmitWrites(keys, writes, inputWrites);
    this.retriedItems = new SqlRetriedItems(database);
    this.keepers = new Keepers(clock);
    this.deletions = new Deletions(writer, writes, keepers);
  }

  @Override
  public CompletableFuture<Submission> submit(
      Job job, @Nullable InputSegment lastSegment, @Nullable IdempotencyKey key) {
    var fresh =
        new NewJob(
            job,
            definitions.digestOf(job.spec().function()),
            Asked.of(job.spec()),
            JobJson.ofJobError(job.status().error()));
    return writer
        .write(submissions.of(fresh, lastSegment, key))
        .thenApply(answer -> {
          Submission submission = answer.accepted();
          if (lastSegment != null && lastSegment.bytes().length <= Recent.SMALL_BYTES) {
            recentInputs.put(job.id(), lastSegment);
          }
          return submission;
        });
  }

  @Override
  public CompletableFuture<Void> addInputs(JobId id, InputSegment segment) {
    return inputs.addInputs(id, segment);
  }

  @Override
  public CompletableFuture<Void> dropInputs(JobId id) {
    return deletions.dropInputs(id);
  }

  @Override
  public CompletableFuture<Optional<ItemRange>> append(
      JobId id, InputsOwner by, byte[] joined, int count) {
    return inputs.append(id, by, joined, count);
  }

  @Override
  public CompletableFuture<Optional<ItemRange>> append(
      JobId id, KeyedAppend.Part part, byte[] joined, int count) {
    return inputs.append(id, part, joined, count);
  }

  @Override
  public CompletableFuture<Optional<ItemRange>> appendAt(
      JobId id, long first, KeyedAppend.@Nullable Part part, byte[] joined, int count) {
    return inputs.appendAt(id, first, part, joined, count);
  }

  @Override
  public CompletableFuture<Optional<Long>> itemsOf(JobId id) {
    return inputs.itemsOf(id);
  }

  @Override
  public KeyedAppend appended(JobId id, String key) {
    return inputs.appended(id, key);
  }

  @Override
  public CompletableFuture<Boolean> completeAppend(JobId id, KeyedAppend.Part end) {
    return inputs.completeAppend(id, end);
  }

  @Override
  public CompletableFuture<Optional<ItemRange>> feed(JobId id, byte[] joined, int count) {
    return inputs.feed(id, joined, count);
  }

  @Override
  public CompletableFuture<Optional<Long>> closeInputs(JobId id, InputsOwner by) {
    return inputs.closeInputs(id, by);
  }

  @Override
  public CompletableFuture<Boolean> change(JobId id, JobSpec spec) {
    var asked = Asked.of(spec);
    return writer
        .write(
            new Write<>(
                OnOutage.FAIL,
                ROW_BYTES + asked.bytes(),
                transaction -> writes.change(transaction, id, asked),
                (transaction, before) -> {
                  if (before != null && before.isPresent()) {
                    writes.change(transaction, id, before.get());
                  }
                }))
        .thenApply(Optional::isPresent);
  }

  @Override
  public void together(Runnable calls) {
    writer.together(calls);
  }

  @Override
  public CompletableFuture<Boolean> queue(JobId id, long version) {
    return writer.write(
        OnOutage.WAIT, ROW_BYTES, transaction -> writes.queue(transaction, id, version));
  }

  @Override
  public CompletableFuture<Boolean> alone(JobId id, long version, ItemRange items, int deaths) {
    return writer.write(
        OnOutage.WAIT,
        ROW_BYTES,
        transaction -> SqlServiceDeaths.alone(transaction, id, version, items, deaths));
  }

  @Override
  public CompletableFuture<Void> forgetDeaths() {
    return writer.write(OnOutage.WAIT, ROW_BYTES, SqlServiceDeaths::forget);
  }

  @Override
  public CompletableFuture<Void> endsByItself() {
    return writer.write(OnOutage.FAIL, ROW_BYTES, SqlServiceDeaths::endByItself);
  }

  @Override
  public CompletableFuture<Boolean> started(JobId id, long version, Instant at) {
    return statuses.started(id, version, at);
  }

  @Override
  public CompletableFuture<Boolean> record(JobId id, long version, OutcomeReport report) {
    String errors = JobJson.ofItemErrors(report.outcomes().errors());
    long bytes = (long) report.outcomes().values().length + (errors == null ? 0 : errors.length());
    return writer
        .write(
            OnOutage.WAIT,
            ROW_BYTES + bytes,
            transaction -> writes.record(transaction, id, version, report, errors))
        .whenComplete((accepted, failure) -> {
          if (failure != null) {
            statuses.outcomesLost(id);
          }
        })
        .thenApply(accepted -> {
          if (accepted) {
            outcomes.recorded(id, report, bytes);
          }
          return accepted;
        });
  }

  @Override
  public CompletableFuture<Optional<JobStatus>> finish(JobId id, long version, JobStatus status) {
    return statuses.finish(id, version, status);
  }

  @Override
  public CompletableFuture<Boolean> delete(JobId id) {
    return deletions.delete(id).thenApply(gone -> forgotten(id, gone));
  }

  @Override
  public CompletableFuture<Boolean> deleteExpired(JobId id) {
    return deletions.deleteExpired(id).thenApply(gone -> forgotten(id, gone));
  }

  private boolean forgotten(JobId id, boolean gone) {
    if (gone) {
      recentInputs.forget(id);
      outcomes.forget(id);
    }
    return gone;
  }

  @Override
  public Keeping keep(JobId id) {
    return keepers.keep(id);
  }

  @Override
  public Optional<Job> find(JobId id) {
    return reads.find(id);
  }

  @Override
  public Optional<JobSummary> summary(JobId id) {
    return reads.summary(id);
  }

  @Override
  public CompletableFuture<Void> note(JobId id, JobNote note) {
    return writer.write(
        OnOutage.WAIT,
        ROW_BYTES + note.detail().length(),
        transaction -> {
          SqlJobNotes.add(transaction, id, note);
          return null;
        });
  }

  @Override
  public List<JobNote> notes(JobId id) {
    return SqlJobNotes.of(database, id);
  }

  @Override
  public Optional<JobState> stateOf(JobId id) {
    return reads.stateOf(id);
  }

  @Override
  public Function shared(Function function) {
    return definitions.shared(function);
  }

  @Override
  public CompletableFuture<Optional<Submission>> findByKey(IdempotencyKey key) {
    // Most keys are new, and a reader sees that. For other keys the writer answers: it has undone a
    // commit in doubt by then, whose rows a reader still sees.
    return keys.find(key).isEmpty()
        ? CompletableFuture.completedFuture(Optional.empty())
        : writer.write(OnOutage.FAIL, ROW_BYTES, transaction -> keys.find(transaction, key));
  }

  @Override
  public List<Grant> grantUnfinished() {
    Takeover.Start start = Takeover.start(writer, definitions);
    start.orphans().forEach(deletions::sweepLater);
    return start.grants();
  }

  @Override
  public InputSegment inputsAt(JobId id, long index) {
    InputSegment recent = recentInputs.of(id);
    return recent != null && recent.items().contains(index) ? recent : reads.inputsAt(id, index);
  }

  @Override
  public RetriedItems retriedItems() {
    return retriedItems;
  }

  @Override
  public CancelledItems cancelledItems() {
    return new SqlCancelledItems(database, writes);
  }

  @Override
  public void outcomes(JobId id, ItemRange items, Consumer<OutcomeReport> reader) {
    outcomes.quickly(id, items, reader);
  }

  @Override
  public void streamOutcomes(JobId id, ItemRange items, Predicate<OutcomeReport> reader) {
    outcomes.slowly(id, items, reader);
  }

  @Override
  public long completions(JobId id, ItemRange places, Consumer<Completion> reader) {
    return outcomes.completions(id, places, reader);
  }

  @Override
  public void failedItems(JobId id, ItemRange items, Predicate<FailedItem> reader) {
    outcomes.failedItems(id, items, reader);
  }

  @Override
  public void chunkReports(JobId id, Consumer<ChunkReport> reader) {
    reads.chunkReports(id, reader);
  }

  @Override
  public List<JobId> expired(Instant now, int limit) {
    return reads.expired(now, limit + keepers.jobs()).stream()
        .filter(id -> !keepers.has(id))
        .limit(limit)
        .toList();
  }

  @Override
  public Map<JobState, Long> countByState() {
    return reads.countByState();
  }

  @Override
  public void ping() {
    database.ping();
  }

  @Override
  public void close() {
    database.close();
  }
}
