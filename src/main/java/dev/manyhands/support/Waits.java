package dev.manyhands.support;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Waits for events, which are futures that never fail. */
public final class Waits {
  private Waits() {}

  /**
   * Starts the threads of the JDK that end timed waits: of virtual threads, and of futures. The JDK
   * starts such a thread at the first wait. The system may have no thread left at that time, and
   * then no timed wait would end.
   */
  public static void startTimers() {
    try {
      Thread.ofVirtual().start(() -> LockSupport.parkNanos(1_000)).join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var delayed = CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS);
    CompletableFuture.runAsync(() -> {}, delayed).join();
  }

  /**
   * Blocks the thread until the event or until the time is over. The event shows which of them was
   * first.
   *
   * @return false if the thread was interrupted, and therefore should end. It stays interrupted.
   */
  public static boolean until(CompletableFuture<?> event, Duration longest) {
    try {
      event.get(TimeUnit.NANOSECONDS.convert(longest), TimeUnit.NANOSECONDS);
    } catch (TimeoutException notYet) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("an event failed", e);
    }
    return true;
  }
}
