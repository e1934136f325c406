package dev.manyhands.engine.scheduler;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Wakes all threads that wait for the next event of a kind. Without a waiting thread, an event
 * costs next to nothing. Safe for use by any thread.
 */
final class Signal {
  /** Completes at the next event; created on demand. */
  private final AtomicReference<@Nullable CompletableFuture<Void>> next = new AtomicReference<>();

  /** Returns a future that completes at the next event after this call. */
  CompletableFuture<Void> next() {
    while (true) {
      CompletableFuture<Void> waited = next.get();
      if (waited != null) {
        return waited;
      }
      next.compareAndSet(null, new CompletableFuture<>());
    }
  }

  void fire() {
    CompletableFuture<Void> waited = next.getAndSet(null);
    if (waited != null) {
      waited.complete(null);
    }
  }
}
