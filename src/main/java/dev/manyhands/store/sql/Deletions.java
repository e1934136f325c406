package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.SqlJobStore.ROW_BYTES;

import dev.manyhands.model.JobId;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes jobs, for {@link JobStore}. The row of a job goes at once; its inputs, outcomes and
 * shared objects are swept afterwards, slice by slice. Safe for use by any thread.
 */
final class Deletions {
  private static final Logger log = LoggerFactory.getLogger(Deletions.class);

  private final GroupCommit writer;
  private final JobWrites writes;
  private final Keepers keepers;
  private final Sweep sweep;

  Deletions(GroupCommit writer, JobWrites writes, Keepers keepers) {
    this.writer = writer;
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
    CompletableFuture<Boolean> deleted =
        writer.write(
            new Write<>(
                OnOutage.FREE,
                ROW_BYTES,
                work,
                (transaction, gone) -> sweepLater(id))); // deleted, even if its user got an error
    return deleted.thenApply(gone -> {
      if (gone) {
        sweepLater(id);
      }
      return gone;
    });
  }

  /** Removes inputs that were sent ahead of a job that will not come. */
  CompletableFuture<Void> dropInputs(JobId id) {
    return sweep.of(id);
  }

  void sweepLater(JobId id) {
    // No caller waits for the sweep, and the next start removes what it leaves behind.
    var _ =
        sweep
            .of(id)
            .exceptionally(failure -> {
              log.info("left rows of a deleted job for the next start, job={}", id, failure);
              return null;
            });
  }
}
