package dev.manyhands.telemetry;

import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether the database answers and, as far as is known, can be written to. */
public final class StoreHealth implements HealthIndicator {
  private final JobStore store;

  public StoreHealth(JobStore store) {
    this.store = store;
  }

  @Override
  public Health health() {
    try {
      store.ping();
      return Health.up().build();
    } catch (StoreException e) {
      return Health.down().withDetail("reason", String.valueOf(e.getMessage())).build();
    }
  }
}
