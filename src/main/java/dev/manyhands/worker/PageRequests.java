package dev.manyhands.worker;

import org.jspecify.annotations.Nullable;

/**
 * Requests to a worker by its control page: to hand chunks back, or to stop. Requests that come
 * before the worker has a page are kept for it. All methods throw {@link ControlPage.LostException}
 * if the worker has cut its page short. Owned by the pool's thread.
 */
final class PageRequests {
  private @Nullable RunningWorker process;

  /** Chunks with this number or a higher one were asked back; 0 for none. */
  private long recalledFrom;

  /** Chunks up to this number were to be stopped; 0 for none. */
  private long stoppedThrough;

  /** Takes the process of a worker that was launched, and makes the requests that came before. */
  void launched(RunningWorker started) {
    process = started;
    if (stoppedThrough != 0) {
      started.page().stopThrough(stoppedThrough);
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
    }
  }

  /** Whether a recall is out that this chunk is not part of. */
  boolean isRecallBeyond(long chunk) {
    return chunk < recalledFrom;
  }

  /** Takes the requests back, once the worker has done what was asked. */
  void clear() {
    recalledFrom = 0;
    if (process != null) {
      process.page().clear();
    }
  }
}
