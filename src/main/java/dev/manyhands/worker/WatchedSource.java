package dev.manyhands.worker;

import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;

/**
 * The source of one worker's items, which tells whether it is being read: what the store takes for
 * that is not the worker's time. Read by the thread that sends, asked by any.
 */
final class WatchedSource implements ItemSource {
  private final ItemSource source;
  private volatile boolean isReading;

  /** The source does not hand out items now: the store is away, say. */
  static final class AwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AwayException(RuntimeException cause) {
      super(cause.toString(), cause);
    }
  }

  WatchedSource(ItemSource source) {
    this.source = source;
  }

  boolean isReading() {
    return isReading;
  }

  @Override
  public Items read(Job job, ItemRange items, int maxBytes) {
    isReading = true;
    try {
      return source.read(job, items, maxBytes);
    } catch (RuntimeException away) {
      throw new AwayException(away);
    } finally {
      isReading = false;
    }
  }
}
