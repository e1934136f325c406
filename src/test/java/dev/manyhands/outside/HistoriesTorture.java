package dev.manyhands.outside;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Histories of many clients on common jobs, half of the time on each kind of store. Run it with
 * {@code ./mvnw -Ptorture verify -Dtorture.minutes=5}, and repeat a run with {@code
 * -Dtorture.seed=…}.
 */
class HistoriesTorture {
  @ParameterizedTest
  @EnumSource
  void whatManyClientsDoToOneJobIsAnOrderOfTheirRequests(OwnStore.Kind kind) throws Exception {
    long minutes = Integer.getInteger("torture.minutes", 5);
    JobClients.run(kind, Duration.ofMinutes(minutes).dividedBy(OwnStore.Kind.values().length));
  }
}
