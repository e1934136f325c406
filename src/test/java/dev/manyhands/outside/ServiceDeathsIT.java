package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Services that die again and again with their jobs. In some tests an item is guilty, in others
 * none is.
 */
class ServiceDeathsIT {
  /** Three until the job is suspected, two for each search among the items, and some to spare. */
  private static final int MOST_SERVICES = 12;

  private static final int INNOCENT_DEATHS = 6;

  /** An item ends the service, which is the parent of a worker that has no sandbox. */
  private static final String POISON =
      """
      import os, signal, time
      def f(x):
          if x == 23:
              os.kill(os.getppid(), signal.SIGKILL)
              time.sleep(30)
          return x
      """;

  private static final String HONEST =
      """
      import time
      def f(x):
          time.sleep(0.01)
          return x
      """;

  @BeforeEach
  void need() {
    Requirements.python();
  }

  @Test
  void anItemThatEndsTheServiceEachTimeCostsItselfOnly() throws Exception {
    Service service =
        Service.start(
            Service.newDirectory(),
            "--manyhands.workers.slots=2",
            "--manyhands.workers.sandbox=none");
    try {
      var honest = service.job().python(HONEST).range(0, 300).submit();
      var guilty = service.job().python(POISON).range(0, 40).submit();
      int services = 1;
      while (!ends(guilty.on(service))) {
        service.close();
        assertThat(++services).as("services that died").isLessThanOrEqualTo(MOST_SERVICES);
        service = service.again();
      }
      var job = guilty.on(service).await();
      assertThat(job)
          .hasState(FAILED)
          .hasFailed(1)
          .hasSucceeded(39)
          .hasErrors(1)
          .hasErrorAt(23, "CRASH", "ServiceDeath");
      JsonNode item = job.item(23);
      assertThat(item.get("attempts").asInt()).isEqualTo(2);
      for (String name : List.of("worker", "pid", "chunk", "seconds", "startedAt")) {
        assertThat(item.get(name).isNull()).as("%s: no worker ended with it", name).isTrue();
      }
      assertSucceeded(honest.on(service), 300);
    } finally {
      service.close();
    }
  }

  /** Whether the job ends; false when the service does. */
  private static boolean ends(RunningJob job) {
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(100))
          .until(() -> !job.service().isAlive() || !job.view().get("finishedAt").isNull());
      return job.service().isAlive();
    } catch (UncheckedIOException died) {
      return false;
    }
  }

  @Test
  void deathsThatNobodyCausedChargeNobody() throws Exception {
    var random = new Random(20261128);
    Service service = Service.start(Service.newDirectory(), "--manyhands.workers.slots=2");
    try {
      var one = service.job().python(HONEST).range(0, 800).submit();
      var other = service.job().python(HONEST).range(0, 400).submit();
      for (int death = 0; death < INNOCENT_DEATHS; death++) {
        var dying = one.on(service);
        long atLeast = done(dying) + random.nextInt(100);
        Awaitility.await().until(() -> done(dying) >= Math.min(atLeast, 800));
        service.killMinus9();
        service = service.again();
      }
      assertSucceeded(one.on(service), 800);
      assertSucceeded(other.on(service), 400);
    } finally {
      service.close();
    }
  }

  private static long done(RunningJob job) {
    return job.view().get("items").get("done").asLong();
  }

  private static void assertSucceeded(RunningJob job, long items) {
    assertThat(job.await()).hasState(SUCCEEDED).hasSucceeded(items).hasFailed(0);
  }
}
