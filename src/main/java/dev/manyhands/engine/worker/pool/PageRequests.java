package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.RunningWorker;
import org.jspecify.annotations.Nullable;

/**
 * Requests to a worker by its control page: to hand chunks back, or to stop. Requests that come
 * before the worker has a page are kept for it. All methods throw {@link ControlPage.LostException}
 * if the worker has truncated its page. Owned by the pool's thread.
 */
final class PageRequests {
  private @Nullable RunningWorker process;

  /** Chunks with this number or a higher one were recalled; 0 for none. */
  private long recalledFrom;

  /** Chunks up to this number were asked to stop; 0 for none. */
  private long stoppedThrough;

  /** Stores the process of a worker that was launched, and makes the earlier requests. */
  void launched(RunningWorker started) {
    process = started;
    if (stoppedThrough != 0) {
      started.page().stopThrough(stoppedThrough);
      started.stopWaits(stoppedThrough);
    }
    if (recalledFrom != 0) {
      started.page().recallFrom(recalledFrom);
    }
  }

  void recallFrom(long chunk) {
    recalledFrom = chunk;
    if (process != null) {
      process.page().recallFrom(chunk);
    }
  }

  void stopThrough(long chunk) {
    stoppedThrough = chunk;
    if (process != null) {
      process.page().stopThrough(chunk);
      process.stopWaits(chunk);
    }
  }

  /** Returns whether a recall is pending that does not include this chunk. */
  boolean isRecallBeyond(long chunk) {
    return chunk < recalledFrom;
  }

  /** Clears the requests, once the worker has fulfilled them. */
  void clear() {
    recalledFrom = 0;
    if (process != null) {
      process.page().clear();
    }
  }
}
