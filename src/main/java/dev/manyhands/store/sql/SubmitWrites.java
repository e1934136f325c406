package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.SqlJobStore.ROW_BYTES;

import dev.manyhands.model.Function;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Job;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedSetUse;
import dev.manyhands.store.JobStore.IdempotencyKey;
import dev.manyhands.store.JobStore.Submission;
import dev.manyhands.store.sql.JobWrites.NewJob;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the write of a new job: its key, its row and its last inputs, whole or not at all. */
final class SubmitWrites {
  private final IdempotencyKeys keys;
  private final JobWrites writes;
  private final InputWrites inputs;

  SubmitWrites(IdempotencyKeys keys, JobWrites writes, InputWrites inputs) {
    this.keys = keys;
    this.writes = writes;
    this.inputs = inputs;
  }

  /** The answer of the store to a submission: one of the two is null. */
  record Answer(@Nullable Submission submission, @Nullable Refusal refusal) {

    /**
     * Returns the submission.
     *
     * @throws Refusal if the store has refused the job
     */
    Submission accepted() {
      if (refusal != null) {
        throw refusal;
      }
      return Objects.requireNonNull(submission);
    }
  }

  /**
   * Returns the write. It refuses a job whose set of shared objects is gone, or the bundle of its
   * function.
   */
  Write<Answer> of(NewJob fresh, @Nullable InputSegment lastSegment, @Nullable IdempotencyKey key) {
    Job job = fresh.job();
    var definition = job.spec().function().definition();
    long bytes =
        fresh.asked().bytes()
            + definition.textBytes()
            + (lastSegment == null ? 0 : lastSegment.bytes().length);
    return new Write<>(
        OnOutage.FAIL,
        ROW_BYTES + bytes,
        transaction -> {
          Submission earlier = key == null ? null : keys.claim(transaction, key, job.id());
          if (earlier != null) {
            return new Answer(earlier, null);
          }
          Refusal refusal = refusal(transaction, job);
          if (refusal != null) {
            writes.takeBack(transaction, job.id()); // only the key was claimed
            return new Answer(null, refusal);
          }
          writes.insert(transaction, fresh);
          if (lastSegment != null) {
            inputs.insert(transaction, job.id(), lastSegment);
          }
          return new Answer(new Submission(job.id(), true, true), null);
        },
        (transaction, answer) -> writes.takeBack(transaction, job.id()));
  }

  /** Returns why the job cannot be stored; null for no reason. Holds the bundle of its function. */
  private static @Nullable Refusal refusal(Transaction transaction, Job job) throws SQLException {
    SharedSetUse use = job.spec().sharedSet();
    if (use != null && !SqlNamedSetStore.isThere(transaction, use.id())) {
      return use.gone();
    }
    Function function = job.spec().function();
    return SqlBundleStore.hold(transaction, function.definition(), job.id().toString())
        ? null
        : Refusal.conflict(
            "the function '"
                + function.name()
                + "' was deleted, and its bundle is gone; upload it again");
  }
}
