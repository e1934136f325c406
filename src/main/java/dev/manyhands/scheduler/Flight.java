package dev.manyhands.scheduler;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.ItemRange;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A chunk that a slot has. Owned by the scheduler thread. */
final class Flight {
  final JobRun run;
  final Chunk chunk;
  final boolean suspect;
  final double expectedSeconds;

  /** Items of it that were not reported yet; null when there are none. */
  @Nullable ItemRange remaining;

  /**
   * Since when the worker can have been at it: when it was sent, or the chunk before it was
   * answered.
   */
  long sinceNanos;

  /** The same for telling, moved on with each report. */
  Instant since;

  /** The same by the monotonic clock. */
  long reportedNanos;

  /** Whether it was asked back; at most once. */
  boolean recalled;

  Flight(JobRun run, Chunk chunk, boolean suspect, double expectedSeconds, Moment now) {
    this.run = run;
    this.chunk = chunk;
    this.suspect = suspect;
    this.expectedSeconds = expectedSeconds;
    this.remaining = chunk.items();
    this.sinceNanos = now.nanos();
    this.since = now.wall();
    this.reportedNanos = now.nanos();
  }

  /** The chunk before it was answered. */
  void beginNow(Moment now) {
    sinceNanos = now.nanos();
    since = now.wall();
    reportedNanos = now.nanos();
  }

  /** The items up to here were reported. */
  void reported(ItemRange items) {
    ItemRange rest = requireRemaining();
    if (items.first() != rest.first() || items.end() > rest.end()) {
      throw new IllegalStateException("report of " + items + " of which " + rest + " were left");
    }
    remaining = items.end() == rest.end() ? null : new ItemRange(items.end(), rest.end());
  }

  /** How many of its items were reported. */
  long reportedItems() {
    return chunk.items().count() - (remaining == null ? 0 : remaining.count());
  }

  /** The items from here on came back unrun; returns them. */
  ItemRange returned(long first) {
    ItemRange rest = requireRemaining();
    if (!rest.contains(first)) {
      throw new IllegalStateException("return from " + first + " of which " + rest + " were left");
    }
    remaining = first == rest.first() ? null : new ItemRange(rest.first(), first);
    return new ItemRange(first, rest.end());
  }

  private ItemRange requireRemaining() {
    if (remaining == null) {
      throw new IllegalStateException("nothing is left of chunk " + chunk.number());
    }
    return remaining;
  }

  /** Whether it is worth asking for the items of it that have not started. */
  boolean isWorthSplitting(Moment now) {
    double elapsed = now.secondsSince(sinceNanos);
    boolean muchLeft = expectedSeconds - elapsed > Dealer.WORTH_MOVING_SECONDS;
    boolean late = elapsed > expectedSeconds + Dealer.LOOK_AGAIN_SECONDS;
    return isSplittable() && (muchLeft || late);
  }

  boolean isSplittable() {
    return !recalled
        && !suspect
        && !run.sizer.isFixed()
        && remaining != null
        && remaining.count() > 1;
  }
}
