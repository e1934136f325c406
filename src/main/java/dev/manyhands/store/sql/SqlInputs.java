package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.SqlJobStore.ROW_BYTES;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.KeyedAppend;
import dev.manyhands.store.writer.GroupCommit;
import dev.manyhands.store.writer.Write;
import dev.manyhands.store.writer.Write.OnOutage;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of jobs, for {@link JobStore}. A write that adds or closes inputs is undone if it was
 * committed although its caller got an error. {@link #feed} waits instead.
 */
final class SqlInputs {
  private final Database database;
  private final GroupCommit writer;
  private final InputWrites writes;

  SqlInputs(Database database, InputWrites writes) {
    this.database = database;
    this.writer = database.writer();
    this.writes = writes;
  }

  CompletableFuture<Void> addInputs(JobId id, InputSegment segment) {
    return writer.write(
        new Write<>(
            OnOutage.FAIL,
            ROW_BYTES + segment.bytes().length,
            transaction -> {
              writes.insert(transaction, id, segment);
              return null;
            },
            (transaction, none) -> writes.takeBack(transaction, id, segment)));
  }

  CompletableFuture<Optional<ItemRange>> append(
      JobId id, InputsOwner by, byte[] joined, int count) {
    return append(
        id, null, joined, transaction -> writes.append(transaction, id, by, joined, count));
  }

  CompletableFuture<Optional<ItemRange>> append(
      JobId id, KeyedAppend.Part part, byte[] joined, int count) {
    return append(
        id, part, joined, transaction -> writes.append(transaction, id, part, joined, count));
  }

  CompletableFuture<Optional<ItemRange>> appendAt(
      JobId id, long first, KeyedAppend.@Nullable Part part, byte[] joined, int count) {
    return append(
        id,
        part,
        joined,
        transaction -> writes.appendAt(transaction, id, first, part, joined, count));
  }

  private CompletableFuture<Optional<ItemRange>> append(
      JobId id,
      KeyedAppend.@Nullable Part part,
      byte[] joined,
      Write.Work<Optional<ItemRange>> work) {
    return writer.write(
        new Write<>(
            OnOutage.FAIL,
            ROW_BYTES + joined.length,
            work,
            (transaction, items) -> {
              if (items != null
                  && items.isPresent()
                  && writes.takeBack(transaction, id, items.get())
                  && part != null) {
                SqlAppendKeys.goBack(transaction, id, part);
              }
            }));
  }

  CompletableFuture<Optional<Long>> itemsOf(JobId id) {
    return writer.write(
        OnOutage.FAIL, ROW_BYTES, transaction -> InputWrites.itemsOf(transaction, id));
  }

  KeyedAppend appended(JobId id, String key) {
    return SqlAppendKeys.find(database, id, key).orElse(KeyedAppend.NONE);
  }

  CompletableFuture<Boolean> completeAppend(JobId id, KeyedAppend.Part end) {
    return writer.write(
        OnOutage.FAIL, ROW_BYTES, transaction -> SqlAppendKeys.complete(transaction, id, end));
  }

  CompletableFuture<Optional<ItemRange>> feed(JobId id, byte[] joined, int count) {
    return writer.write(
        OnOutage.WAIT,
        ROW_BYTES + joined.length,
        transaction -> writes.append(transaction, id, InputsOwner.FEED, joined, count));
  }

  CompletableFuture<Optional<Long>> closeInputs(JobId id, InputsOwner by) {
    return writer.write(
        new Write<>(
            OnOutage.FAIL,
            ROW_BYTES,
            transaction -> writes.closeInputs(transaction, id, by),
            (transaction, total) -> {
              if (total != null && total.isPresent()) {
                writes.reopenInputs(transaction, id);
              }
            }));
  }
}
