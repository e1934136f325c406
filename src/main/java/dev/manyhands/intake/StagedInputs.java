package dev.manyhands.intake;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.ParentItems;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.ValueJoiner;
import dev.manyhands.store.JobStore;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Stores items that arrive before their job is accepted. The items go to the store in segments,
 * byte for byte, whatever their number. The caller drops them by {@link #abandon} if no job is
 * made. Used once, by one thread.
 */
public final class StagedInputs {
  private final JobId id;
  private final JobStore store;
  private final ApiLimits limits;

  /** Holds the items of the next segment. */
  private final ValueJoiner segment = new ValueJoiner(1024);

  /** Holds the origins of the items of the next segment; null if the job is no retry. */
  private ParentItems.@Nullable Builder parents;

  private long segmentFirst;
  private long count;

  /**
   * The write of the segment that was sent last. The next segment waits for it, so that a fast
   * client cannot fill the memory.
   */
  private @Nullable CompletableFuture<Void> sentAhead;

  private boolean isFirst;

  public StagedInputs(JobId id, JobStore store, ApiLimits limits) {
    this.id = id;
    this.store = store;
    this.limits = limits;
  }

  /** Returns the id of the job that the items are for. The job may never be made. */
  public JobId id() {
    return id;
  }

  /**
   * Adds one item, which is JSON that was checked.
   *
   * @param pointer to the inputs in the request
   * @throws Refusal if there are too many
   */
  public void add(byte[] bytes, int from, int to, String pointer) {
    add(bytes, from, to, 1);
    if (count > limits.maxItems()) {
      throw limits.tooManyItems(pointer);
    }
  }

  /**
   * Adds items of a job that is tried again, joined by commas. Their number is not limited again.
   *
   * @param origins their indexes in that job, which are behind all earlier ones
   */
  public void addAll(byte[] joined, ItemRange origins) {
    if (parents == null) {
      parents = new ParentItems.Builder();
    }
    parents.add(origins);
    add(joined, 0, joined.length, origins.count());
  }

  private void add(byte[] bytes, int from, int to, long items) {
    segment.add(bytes, from, to);
    count += items;
    if (segment.size() >= InputSegment.FULL_BYTES || (parents != null && parents.isFull())) {
      send();
    }
  }

  private void send() {
    await();
    var full = last();
    if (full != null) {
      isFirst = sentAhead == null;
      sentAhead = store.addInputs(id, full);
      segmentFirst = full.items().end();
      segment.clear();
      if (parents != null) {
        parents = new ParentItems.Builder();
      }
    }
  }

  /** Returns the number of items. */
  public long count() {
    return count;
  }

  /** Returns the items that were not sent ahead; null if there are none. */
  public @Nullable InputSegment last() {
    return count == segmentFirst
        ? null
        : new InputSegment(
            new ItemRange(segmentFirst, count),
            segment.toBytes(),
            parents == null ? null : parents.build(segmentFirst));
  }

  /** Waits until all segments that were sent ahead are stored. */
  public void await() {
    if (sentAhead != null) {
      sentAhead.join();
    }
  }

  /** Drops the segments that were sent ahead, because no job will be made. */
  public void abandon() {
    boolean isNothingThere = sentAhead == null || (isFirst && sentAhead.isCompletedExceptionally());
    if (!isNothingThere) {
      CompletableFuture<?> _ = store.dropInputs(id);
    }
  }
}
