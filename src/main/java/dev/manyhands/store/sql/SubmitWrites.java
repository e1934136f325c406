package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.SqlJobStore.ROW_BYTES;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedSetUse;
import dev.manyhands.store.JobStore.IdempotencyKey;
import dev.manyhands.store.JobStore.Submission;
import dev.manyhands.store.sql.JobWrites.NewJob;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes the write of a new job: its key, its row and its last inputs, whole or not at all. */
final class SubmitWrites {
  /** Reports that the set of shared objects is gone that the job uses. */
  private static final Submission SET_GONE =
      new Submission(new JobId(new UUID(0, 0)), false, false);

  private final IdempotencyKeys keys;
  private final JobWrites writes;
  private final InputWrites inputs;

  SubmitWrites(IdempotencyKeys keys, JobWrites writes, InputWrites inputs) {
    this.keys = keys;
    this.writes = writes;
    this.inputs = inputs;
  }

  /**
   * Returns the write. Its result is null when the bundle of the function is gone, and {@link
   * #SET_GONE} when the set is gone that the job uses.
   */
  Write<@Nullable Submission> of(
      NewJob fresh, @Nullable InputSegment lastSegment, @Nullable IdempotencyKey key) {
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
            return earlier;
          }
          if (!SqlNamedSetStore.isThere(transaction, job)) {
            writes.takeBack(transaction, job.id()); // only the key was claimed
            return SET_GONE;
          }
          if (!SqlBundleStore.hold(transaction, definition, job.id().toString())) {
            writes.takeBack(transaction, job.id()); // only the key was claimed
            return null;
          }
          writes.insert(transaction, fresh);
          if (lastSegment != null) {
            inputs.insert(transaction, job.id(), lastSegment);
          }
          return new Submission(job.id(), true, true);
        },
        (transaction, submission) -> writes.takeBack(transaction, job.id()));
  }

  /**
   * Returns the result of the write.
   *
   * @throws Refusal if the bundle of the function, or the set of the job, is gone
   */
  static Submission accepted(Job job, @Nullable Submission result) {
    if (result == null) {
      throw Refusal.conflict(
          "the function '"
              + job.spec().function().name()
              + "' was deleted, and its bundle is gone; upload it again");
    }
    SharedSetUse use = job.spec().sharedSet();
    if (use != null && result.equals(SET_GONE)) {
      throw use.gone();
    }
    return result;
  }
}
