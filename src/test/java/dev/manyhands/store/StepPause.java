package dev.manyhands.store;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A pause that lasts until the test ends it. */
final class StepPause implements Pause {
  private final BlockingQueue<Duration> begun = new LinkedBlockingQueue<>();
  private final Semaphore over = new Semaphore(0);

  @Override
  public void pause(Duration duration) throws InterruptedException {
    begun.add(duration);
    over.acquire();
  }

  /** Waits until the writer has begun its next pause: how long that was meant to be. */
  Duration awaitBegun() {
    try {
      Duration duration = begun.poll(30, TimeUnit.SECONDS);
      if (duration == null) {
        throw new AssertionError("the writer did not pause");
      }
      return duration;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void end() {
    over.release();
  }
}
