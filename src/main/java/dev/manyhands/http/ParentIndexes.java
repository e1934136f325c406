package dev.manyhands.http;

import dev.manyhands.model.Job;
import dev.manyhands.model.ParentItems;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds which item of its parent an item of a retry tries again. Remembers one stretch of items, so
 * that callers should ask in the order of the items. Used by one thread.
 */
public final class ParentIndexes {
  private final JobStore store;
  private final Job job;
  private boolean areKnown;
  private @Nullable ParentItems last;

  public ParentIndexes(JobStore store, Job job) {
    this.store = store;
    this.job = job;
    this.areKnown = job.spec().parent() != null;
  }

  /**
   * Returns the index in the parent. Returns null if the job is no retry, or if an earlier version
   * of the service made the retry.
   *
   * @throws JobGoneException when the job was deleted
   */
  public @Nullable Long of(long index) {
    if (!areKnown) {
      return null;
    }
    if (last == null || !last.items().contains(index)) {
      Optional<ParentItems> found = store.retriedItems().at(job.id(), index);
      if (found.isEmpty()) {
        areKnown = false;
        return null;
      }
      last = found.get();
    }
    return last.parentOf(index);
  }

  /**
   * Returns the first item of the retry whose index in the parent is at least {@code parent}; the
   * retry's number of items if there is none.
   *
   * @throws JobGoneException when the job was deleted
   */
  public long firstFrom(long parent) {
    return store
        .retriedItems()
        .from(job.id(), parent)
        .map(found -> found.firstFrom(parent))
        .orElse(job.status().tally().total());
  }
}
