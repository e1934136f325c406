package dev.manyhands.telemetry;

import dev.manyhands.store.OwnershipLostException;
import dev.manyhands.store.sql.SqlStores;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether this service still owns the database. A service that lost the database can only be ended,
 * so this check is part of liveness.
 */
public final class OwnershipHealth implements HealthIndicator {
  private final SqlStores stores;

  public OwnershipHealth(SqlStores stores) {
    this.stores = stores;
  }

  @Override
  public Health health() {
    OwnershipLostException lost = stores.ownershipLost().getNow(null);
    return lost == null
        ? Health.up().build()
        : Health.down().withDetail("reason", String.valueOf(lost.getMessage())).build();
  }
}
