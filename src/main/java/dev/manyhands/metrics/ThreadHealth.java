package dev.manyhands.metrics;

import java.util.Map;
import java.util.function.BooleanSupplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the threads are alive that the service cannot work without. A service that lost one is to
 * be started again, so this is part of liveness, not of readiness alone.
 */
public final class ThreadHealth implements HealthIndicator {
  private final Map<String, BooleanSupplier> threads;

  /**
   * @param threads by name, whether each is alive
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
