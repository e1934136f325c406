package dev.manyhands.app;

import dev.manyhands.jobs.Retention;
import dev.manyhands.jobs.callback.Callbacks;
import dev.manyhands.store.sql.SqlStores;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the work of a service whose database another service has taken over. The service continues
 * to answer, so that its liveness reports why it must be ended.
 */
final class StandDown {
  private static final Logger log = LoggerFactory.getLogger(StandDown.class);

  private final SchedulerLifecycle lifecycle;
  private final Callbacks callbacks;
  private final Retention retention;

  StandDown(
      SqlStores stores, SchedulerLifecycle lifecycle, Callbacks callbacks, Retention retention) {
    this.lifecycle = lifecycle;
    this.callbacks = callbacks;
    this.retention = retention;
    CompletableFuture<?> _ =
        stores
            .ownershipLost()
            .thenAccept(lost -> Thread.ofPlatform().daemon().name("stand-down").start(this::run));
  }

  private void run() {
    lifecycle.standDown();
    retention.close();
    callbacks.close();
    log.warn("all workers have ended; end this service, too");
  }
}
