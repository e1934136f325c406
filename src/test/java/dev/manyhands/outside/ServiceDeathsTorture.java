package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Twenty services that are killed at any moment of two honest jobs: {@code ./mvnw -Ptorture
 * verify}, again with {@code -Dtorture.seed=…}.
 */
class ServiceDeathsTorture {
  private static final long SEED = Long.getLong("torture.seed", System.nanoTime() >>> 8);
  private static final int DEATHS = 20;
  private static final long ITEMS = 2000;

  private static final String HONEST =
      """
      import time
      def f(x):
          time.sleep(0.02)
          return x
      """;

  @ParameterizedTest
  @EnumSource(OwnStore.Kind.class)
  void deathsThatNobodyCausedChargeNobody(OwnStore.Kind kind) throws Exception {
    Requirements.python();
    System.out.println("ServiceDeaths, seed " + SEED);
    var random = new Random(SEED);
    try (var store = OwnStore.of(kind)) {
      Service service = store.startService("--manyhands.workers.slots=2");
      try {
        var list = service.job().python(HONEST).range(ITEMS).submit();
        var sum = service.job().python(HONEST + "# another\n").range(ITEMS).reduce("sum").submit();
        for (int death = 0; death < DEATHS; death++) {
          assertThat(service.endsWithin(Duration.ofMillis(200 + random.nextInt(2000)))).isFalse();
          service.killMinus9();
          service = service.again();
        }
        assertThat(list.on(service).await()).hasState(SUCCEEDED).hasSucceeded(ITEMS).hasFailed(0);
        assertThat(sum.on(service).await())
            .hasState(SUCCEEDED)
            .hasResult(ITEMS * (ITEMS - 1) / 2)
            .hasFailed(0);
      } finally {
        service.close();
      }
    }
  }
}
