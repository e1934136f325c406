package dev.manyhands.outside;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Histories of many clients on common jobs. Run it with {@code ./mvnw -Ptorture verify
 * -Dtorture.minutes=5}, and repeat a run with {@code -Dtorture.seed=…}.
 */
class HistoriesTorture {
  @Test
  void whatManyClientsDoToOneJobIsAnOrderOfTheirRequests() throws Exception {
    Requirements.python();
    long seed = Long.getLong("torture.seed", System.nanoTime() >>> 8);
    var time = Duration.ofMinutes(Integer.getInteger("torture.minutes", 5));
    try (var service = Service.start(Service.newDirectory(), "--manyhands.workers.slots=2")) {
      new JobClients(service, seed).run(time);
    }
  }
}
