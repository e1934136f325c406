package dev.manyhands.store;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Items that users have cancelled while their job runs. They have no outcome. Safe for use by any
 * thread.
 */
public interface CancelledItems {
  /**
   * Stores that these items of a running job are cancelled. None of them may be cancelled already.
   * The future yields false, and nothing is stored, if the job has another version, has ended or is
   * gone.
   *
   * @param items none if the caller only wants to know whether the job still has this version
   * @param grown ranges that take the place of the stored ones that they contain, so that ranges
   *     that touch do not pile up; they may contain some of {@code items}
   */
  CompletableFuture<Boolean> add(
      JobId id, long version, List<ItemRange> items, List<ItemRange> grown);

  /**
   * Returns the first range of cancelled items that contains this item or lies behind it; empty if
   * there is none. The next range may begin where this one ends. Blocks the calling thread.
   *
   * @throws JobGoneException when the job was deleted
   */
  Optional<ItemRange> from(JobId id, long index);

  /**
   * Returns the range of cancelled items that contains this item; empty if it is not cancelled.
   *
   * @throws JobGoneException when the job was deleted
   */
  default Optional<ItemRange> at(JobId id, long index) {
    return from(id, index).filter(items -> items.contains(index));
  }
}
