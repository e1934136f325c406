package dev.manyhands.intake;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Stores items that arrive before their job is accepted. The items go to the store in segments,
 * byte for byte, whatever their number. They are dropped if no job is made. Used once, by one
 * thread.
 */
public final class StagedInputs {
  /**
   * Large enough that the overhead of a row does not matter; small enough to be held many times.
   */
  private static final int SEGMENT_BYTES = 256 << 10;

  private final JobId id;
  private final JobStore store;
  private final ApiLimits limits;

  /**
   * Holds the items of the next segment, joined by commas, in its first {@link #segmentBytes}
   * bytes.
   */
  private byte[] segment = new byte[1024];

  private int segmentBytes;
  private long segmentFirst;
  private long count;

  /**
   * The write of the last segment. The next segment waits for it, so that a fast client cannot fill
   * the memory.
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
    int size = to - from;
    ensureRoom(size + 1);
    if (count > segmentFirst) {
      segment[segmentBytes++] = ',';
    }
    System.arraycopy(bytes, from, segment, segmentBytes, size);
    segmentBytes += size;
    count++;
    if (segmentBytes >= SEGMENT_BYTES) {
      send();
    }
    if (count > limits.maxItems()) {
      throw limits.tooManyItems(pointer);
    }
  }

  private void ensureRoom(int more) {
    int needed = Math.addExact(segmentBytes, more);
    if (needed > segment.length) {
      segment = Arrays.copyOf(segment, Math.max(needed, 2 * segment.length));
    }
  }

  private void send() {
    await();
    var full = last();
    if (full != null) {
      isFirst = sentAhead == null;
      sentAhead = store.addInputs(id, full);
      segmentFirst = full.items().end();
      segmentBytes = 0;
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
            new ItemRange(segmentFirst, count), Arrays.copyOf(segment, segmentBytes));
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
