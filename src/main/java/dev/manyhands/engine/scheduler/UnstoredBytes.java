package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.Outcomes;

/**
 * The memory that outcomes take until they are on disk. Above a limit no new chunks are handed out.
 * Owned by the scheduler's thread.
 */
final class UnstoredBytes {
  /** The estimated bytes of a report without its outcomes. */
  static final long REPORT = 1_000;

  /** The estimated bytes of an item on its way into the memo, without its value. */
  private static final long MEMO_ITEM = 150;

  private static final long MOST = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);

  private final Inbox inbox;
  private long bytes;

  UnstoredBytes(Inbox inbox) {
    this.inbox = inbox;
  }

  /** Returns about how much memory a report takes until it is on disk. */
  static long weight(Outcomes outcomes) {
    long bytes = REPORT + outcomes.values().length;
    for (ItemError error : outcomes.errors()) {
      bytes += error.weight();
    }
    return bytes;
  }

  /** Returns the memory of values on their way into the memo. */
  static long memoWeight(Outcomes outcomes) {
    byte[] values = outcomes.uncombined() == null ? outcomes.values() : outcomes.uncombined();
    return values.length + outcomes.items().count() * MEMO_ITEM;
  }

  void add(long more) {
    bytes += more;
    if (bytes > MOST) {
      inbox.tell(new CoreEvent.StoreBehind(true));
    }
  }

  /** Subtracts, and returns whether the limit allows new chunks. */
  boolean subtract(long less) {
    bytes -= less;
    return bytes <= MOST;
  }

  boolean isZero() {
    return bytes == 0;
  }
}
