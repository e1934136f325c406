package dev.manyhands.telemetry;

import dev.manyhands.engine.scheduler.Scheduler;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether the scheduler is running. */
public final class PoolHealth implements HealthIndicator {
  private final Scheduler scheduler;

  public PoolHealth(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  @Override
  public Health health() {
    var health = scheduler.isRunning() ? Health.up() : Health.outOfService();
    return health
        .withDetail("slots", scheduler.slots())
        .withDetail("slotsBusy", scheduler.busySlots())
        .build();
  }
}
