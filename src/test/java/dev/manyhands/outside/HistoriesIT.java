package dev.manyhands.outside;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Some seconds of what {@link HistoriesTorture} does for minutes. */
class HistoriesIT {
  @Test
  void whatManyClientsDoToOneJobIsAnOrderOfTheirRequests() throws Exception {
    Requirements.python();
    long seed = Long.getLong("torture.seed", System.nanoTime() >>> 8);
    try (var service = Service.start(Service.newDirectory(), "--manyhands.workers.slots=2")) {
      new JobClients(service, seed).run(Duration.ofSeconds(15));
    }
  }
}
