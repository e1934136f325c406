package dev.manyhands.telemetry;

import java.util.Map;
import java.util.function.BooleanSupplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the threads that the service needs are alive. A service that lost one must be started
 * again, so this check is part of liveness, not only of readiness.
 */
public final class ThreadHealth implements HealthIndicator {
  private final Map<String, BooleanSupplier> threads;

  /**
   * @param threads for each name, whether the thread is alive
   */
  public ThreadHealth(Map<String, BooleanSupplier> threads) {
    this.threads = Map.copyOf(threads);
  }

  @Override
  public Health health() {
    var health = Health.up();
    threads.forEach((name, isAlive) -> {
      if (!isAlive.getAsBoolean()) {
        health.down().withDetail(name, "has ended; start the service again");
      }
    });
    return health.build();
  }
}
