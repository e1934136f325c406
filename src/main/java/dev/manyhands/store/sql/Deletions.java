package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Write;
import java.util.concurrent.CompletableFuture;

/**
 * Deletes jobs, for {@link JobStore}. The row of a job goes at once; its inputs, outcomes and
 * shared objects are swept afterwards, slice by slice. Safe for use by any thread.
 */
final class Deletions {
  private final JobWrites writes;
  private final Keepers keepers;
  private final Sweep sweep;

  Deletions(GroupCommit writer, JobWrites writes, Keepers keepers) {
    this.writes = writes;
    this.keepers = keepers;
    this.sweep = new Sweep(writer);
  }

  CompletableFuture<Boolean> delete(JobId id) {
    return delete(id, transaction -> writes.deleteEnded(transaction, id));
  }

  CompletableFuture<Boolean> deleteExpired(JobId id) {
    return delete(
        id,
        transaction ->
            !keepers.has(id)
                && !SqlDependencies.feedsAnother(transaction, id)
                && writes.deleteEnded(transaction, id));
  }

  private CompletableFuture<Boolean> delete(JobId id, Write.Work<Boolean> work) {
    return sweep.after(work, () -> sweep.later(id));
  }

  /** Removes inputs that were sent ahead of a job that will not come. */
  CompletableFuture<Void> dropInputs(JobId id) {
    return sweep.of(id);
  }

  void sweepLater(JobId id) {
    sweep.later(id);
  }
}
