package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.KeyedAppend;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The items of a request that names the index of its first item. Items that the job has already are
 * compared with the request, byte for byte, and not appended again. One stored segment is in memory
 * at a time. Used by one thread.
 *
 * <p>The store appends an item only at the index that the request names. Two requests that append
 * at the same index therefore never both append: the later one compares.
 */
final class PlacedRequest {
  private final JobStore store;
  private final Scheduler scheduler;
  private final JobId id;

  /** The index of the next item of the request. */
  private long next;

  /** The number of items that the job is known to have. No append in doubt is among them. */
  private long total;

  /** The stored segment that was compared last. */
  private @Nullable InputSegment segment;

  private @Nullable JoinedValues values;

  /**
   * @param first the index of the first item of the request
   * @throws Refusal if the job has fewer items
   */
  PlacedRequest(JobStore store, Scheduler scheduler, JobId id, long first) {
    this.store = store;
    this.scheduler = scheduler;
    this.id = id;
    this.next = first;
    this.total = totalNow();
    if (first > total) {
      throw Refusal.conflict(
          "job "
              + id
              + " has "
              + total
              + " items, so that first="
              + first
              + " would leave a gap; send the items from index "
              + total
              + " on");
    }
  }

  private long totalNow() {
    return store
        .itemsOf(id)
        .join()
        .orElseThrow(() -> Refusal.notFound("job " + id + " was deleted meanwhile"));
  }

  /**
   * Reads the next item of the request.
   *
   * @return whether the job has the item already
   * @throws Refusal if the job has another item there
   */
  boolean isThere(byte[] buffer, int from, int to) {
    long index = next++;
    if (index >= total) {
      return false;
    }
    compare(index, buffer, from, to);
    return true;
  }

  private void compare(long index, byte[] buffer, int from, int to) {
    InputSegment known = segment;
    JoinedValues stored = values;
    if (known == null || stored == null || !known.items().contains(index)) {
      rest(); // one segment at a time
      known = store.inputsAt(id, index);
      stored = JoinedValues.stored(known.bytes(), Math.toIntExact(known.items().count()));
      segment = known;
      values = stored;
    }
    int at = (int) (index - known.items().first());
    if (!Arrays.equals(stored.bytes(), stored.start(at), stored.end(at), buffer, from, to)) {
      throw Refusal.invalid(
          "first",
          "item "
              + index
              + " of the job is another one than this request has for it; nothing was changed there");
    }
  }

  /** Releases the memory of the comparison. The next item may take long to come. */
  void rest() {
    segment = null;
    values = null;
  }

  /**
   * Appends the last items that were read, none of which the job had. Items that another request
   * has appended meanwhile are compared.
   *
   * @param joined the items
   * @param part the part of a request under a key that ends with these items; null without a key
   * @return how many of the items were appended; empty if the job takes no more, or if another
   *     request has gone on under the key
   */
  Optional<Integer> append(byte[] joined, int count, KeyedAppend.@Nullable Part part) {
    byte[] rest = joined;
    int left = count;
    while (true) {
      Optional<ItemRange> taken =
          store
              .appendAt(id, total, part, rest, left)
              .whenComplete((items, failure) -> {
                if (failure == null) {
                  items.ifPresent(appended -> scheduler.append(id, appended));
                }
              })
              .join();
      if (taken.isPresent()) {
        total = taken.get().end();
        return Optional.of(left);
      }
      long before = total;
      total = totalNow();
      if (total <= before) {
        return Optional.empty();
      }
      var own = JoinedValues.stored(rest, left);
      int there = (int) Math.min(left, total - before);
      for (int i = 0; i < there; i++) {
        compare(before + i, own.bytes(), own.start(i), own.end(i));
      }
      rest();
      if (there == left) {
        return Optional.of(0);
      }
      rest = own.slice(there, left);
      left -= there;
    }
  }
}
