package dev.manyhands.store.sql;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.Completion;
import dev.manyhands.store.JobStore.FailedItem;
import dev.manyhands.store.sql.OutcomeReads.Order;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The outcomes of jobs, for {@link JobStore}. Small reports that were just recorded are read from
 * memory. Safe for use by any thread.
 */
final class StoredOutcomes {
  private final OutcomeReads reads;
  private final ErrorReads errors;
  private final Recent<OutcomeReport> recent = new Recent<>();

  StoredOutcomes(Database database, long heapBytes) {
    this.reads = new OutcomeReads(database, heapBytes);
    this.errors = new ErrorReads(database, heapBytes);
  }

  /**
   * Keeps a report that was just recorded, if it is small and has no {@code uncombined} values.
   *
   * @param bytes size of its values and errors
   */
  void recorded(JobId id, OutcomeReport report, long bytes) {
    if (bytes <= Recent.SMALL_BYTES && report.outcomes().uncombined() == null) {
      recent.put(id, report);
    }
  }

  void forget(JobId id) {
    recent.forget(id);
  }

  void quickly(JobId id, ItemRange items, Consumer<OutcomeReport> reader) {
    OutcomeReport known = recent.of(id);
    if (known != null && known.covers(items)) {
      reader.accept(known);
      return;
    }
    reads.quickly(
        id,
        Order.INPUT,
        items,
        (at, report) -> {
          reader.accept(report);
          return true;
        });
  }

  void slowly(JobId id, ItemRange items, Predicate<OutcomeReport> reader) {
    OutcomeReport known = recent.of(id);
    if (known != null && known.covers(items)) {
      boolean _ = reader.test(known);
      return;
    }
    reads.slowly(id, Order.INPUT, items, (at, report) -> reader.test(report));
  }

  long completions(JobId id, ItemRange places, Consumer<Completion> reader) {
    return reads.slowly(
        id,
        Order.COMPLETION,
        places,
        (at, report) -> {
          reader.accept(new Completion(at, report));
          return true;
        });
  }

  void failedItems(JobId id, ItemRange items, Predicate<FailedItem> reader) {
    OutcomeReport known = recent.of(id);
    if (known != null && known.covers(items)) {
      boolean _ =
          known.outcomes().errors().stream()
              .filter(error -> items.contains(error.index()))
              .map(error -> new FailedItem(error, known))
              .allMatch(reader);
    } else {
      errors.read(id, items, reader);
    }
  }
}
