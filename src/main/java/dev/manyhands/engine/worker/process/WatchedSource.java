package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;

/**
 * The source of one worker's items, which shows whether it is being read. The time that the store
 * needs for a read is not the worker's time. Read by the thread that sends, queried by any.
 */
final class WatchedSource implements ItemSource {
  private final ItemSource source;
  private volatile boolean isReading;

  /** The source cannot provide items now, for example because the store is away. */
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
