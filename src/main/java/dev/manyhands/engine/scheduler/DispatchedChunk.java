package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Chunk;
import dev.manyhands.model.ItemRange;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A chunk that a slot has. Owned by the scheduler thread. */
final class DispatchedChunk {
  final JobRun run;
  final Chunk chunk;
  final boolean suspect;
  final double expectedSeconds;

  /** Items of the chunk that were neither reported nor returned yet; null when there are none. */
  @Nullable ItemRange remaining;

  /**
   * Earliest time at which the worker can have begun the chunk, by the monotonic clock. This is
   * when the chunk was sent, or when the chunk before it was answered.
   */
  long sinceNanos;

  /**
   * Start of the time that the next report covers, by the wall clock. Moved on with each report.
   */
  Instant since;

  /** Start of the time that the next report covers, by the monotonic clock. */
  long reportedNanos;

  /** Whether the items that have not started were recalled. A chunk is recalled at most once. */
  boolean recalled;

  /** Whether the worker has handed back items of the chunk. The remaining items have begun. */
  boolean handedBack;

  DispatchedChunk(JobRun run, Chunk chunk, boolean suspect, double expectedSeconds, Now now) {
    this.run = run;
    this.chunk = chunk;
    this.suspect = suspect;
    this.expectedSeconds = expectedSeconds;
    this.remaining = chunk.items();
    this.sinceNanos = now.nanos();
    this.since = now.wall();
    this.reportedNanos = now.nanos();
  }

  /** Notes that the chunk before this one was answered. */
  void beginNow(Now now) {
    sinceNanos = now.nanos();
    since = now.wall();
    reportedNanos = now.nanos();
  }

  /** Notes that these items were reported. */
  void reported(ItemRange items) {
    ItemRange rest = requireRemaining();
    if (items.first() != rest.first() || items.end() > rest.end()) {
      throw new IllegalStateException("report of " + items + " of which " + rest + " were left");
    }
    remaining = items.end() == rest.end() ? null : new ItemRange(items.end(), rest.end());
  }

  /** Returns how many items of the chunk were reported or returned. */
  long reportedItems() {
    return chunk.items().count() - (remaining == null ? 0 : remaining.count());
  }

  /** Returns whether the item belongs to the chunk, and was neither reported nor returned. */
  boolean lacks(long item) {
    return remaining != null && remaining.contains(item);
  }

  /** Notes that the items from {@code first} on came back unrun; returns them. */
  ItemRange returned(long first) {
    ItemRange rest = requireRemaining();
    if (!rest.contains(first)) {
      throw new IllegalStateException("return from " + first + " of which " + rest + " were left");
    }
    remaining = first == rest.first() ? null : new ItemRange(rest.first(), first);
    handedBack = true;
    run.moves++;
    return new ItemRange(first, rest.end());
  }

  /** Returns the items of the range that the slot still has; null if there are none. */
  @Nullable ItemRange within(ItemRange range) {
    return remaining == null ? null : remaining.and(range);
  }

  private ItemRange requireRemaining() {
    if (remaining == null) {
      throw new IllegalStateException("nothing is left of chunk " + chunk.number());
    }
    return remaining;
  }

  /** Returns whether it is worth recalling the items of the chunk that have not started. */
  boolean isWorthSplitting(Now now) {
    double elapsed = now.secondsSince(sinceNanos);
    boolean muchLeft = expectedSeconds - elapsed > Dealer.WORTH_MOVING_SECONDS;
    boolean late = elapsed > expectedSeconds + Dealer.LOOK_AGAIN_SECONDS;
    return isSplittable() && (muchLeft || late);
  }

  /** Returns whether the chunk is long, so that it is worth a message to move it. */
  boolean isWorthMoving() {
    return expectedSeconds > Dealer.WORTH_MOVING_SECONDS;
  }

  boolean isSplittable() {
    return !recalled
        && !suspect
        && !run.sizer.isFixed()
        && remaining != null
        && remaining.count() > 1;
  }
}
