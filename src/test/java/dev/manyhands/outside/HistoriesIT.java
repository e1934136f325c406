package dev.manyhands.outside;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Some seconds of what {@link HistoriesTorture} does for minutes. */
class HistoriesIT {
  @ParameterizedTest
  @EnumSource
  void whatManyClientsDoToOneJobIsAnOrderOfTheirRequests(OwnStore.Kind kind) throws Exception {
    JobClients.run(kind, Duration.ofSeconds(8));
  }
}
