package dev.manyhands.store.sql;

import dev.manyhands.store.writer.Pause;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A pause that lasts until the test ends it. */
public final class StepPause implements Pause {
  private final BlockingQueue<Duration> begun = new LinkedBlockingQueue<>();
  private final Semaphore over = new Semaphore(0);

  @Override
  public void pause(Duration duration) throws InterruptedException {
    begun.add(duration);
    over.acquire();
  }

  /** Waits until the writer has begun its next pause: how long that was meant to be. */
  public Duration awaitBegun() {
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

  public void end() {
    over.release();
  }
}
