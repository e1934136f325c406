package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
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
      String honest = service.submit(python(HONEST, "{\"range\": {\"start\": 0, \"stop\": 300}}"));
      String guilty = service.submit(python(POISON, "{\"range\": {\"start\": 0, \"stop\": 40}}"));
      int services = 1;
      while (!ends(service, guilty)) {
        service.close();
        assertThat(++services).as("services that died").isLessThanOrEqualTo(MOST_SERVICES);
        service = service.again();
      }
      JsonNode job = service.await(guilty);
      assertThat(job.get("state").stringValue()).isEqualTo("FAILED");
      assertThat(job.get("items").get("failed").asLong()).isEqualTo(1);
      assertThat(job.get("items").get("succeeded").asLong()).isEqualTo(39);
      JsonNode error =
          service.get("/api/v1/jobs/" + guilty + "/results").json().get("errors").get(0);
      assertThat(error.get("index").asLong()).isEqualTo(23);
      assertThat(error.get("kind").stringValue()).isEqualTo("CRASH");
      assertThat(error.get("type").stringValue()).isEqualTo("ServiceDeath");
      assertThat(service.get("/api/v1/jobs/" + guilty + "/items/23").json().get("attempts").asInt())
          .isEqualTo(2);
      assertSucceeded(service.await(honest), 300);
    } finally {
      service.close();
    }
  }

  /** Whether the job ends; false when the service does. */
  private static boolean ends(Service service, String job) {
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(100))
          .until(() ->
              !service.isAlive()
                  || !service.get("/api/v1/jobs/" + job).json().get("finishedAt").isNull());
      return service.isAlive();
    } catch (UncheckedIOException died) {
      return false;
    }
  }

  @Test
  void deathsThatNobodyCausedChargeNobody() throws Exception {
    var random = new Random(20261128);
    Service service = Service.start(Service.newDirectory(), "--manyhands.workers.slots=2");
    try {
      String one = service.submit(python(HONEST, "{\"range\": {\"start\": 0, \"stop\": 800}}"));
      String other = service.submit(python(HONEST, "{\"range\": {\"start\": 0, \"stop\": 400}}"));
      for (int death = 0; death < INNOCENT_DEATHS; death++) {
        long atLeast = done(service, one) + random.nextInt(100);
        Service dying = service;
        Awaitility.await().until(() -> done(dying, one) >= Math.min(atLeast, 800));
        service.killMinus9();
        service = service.again();
      }
      assertSucceeded(service.await(one), 800);
      assertSucceeded(service.await(other), 400);
    } finally {
      service.close();
    }
  }

  private static long done(Service service, String job) {
    return service.get("/api/v1/jobs/" + job).json().get("items").get("done").asLong();
  }

  private static void assertSucceeded(JsonNode job, long items) {
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    assertThat(job.get("items").get("succeeded").asLong()).isEqualTo(items);
    assertThat(job.get("items").get("failed").asLong()).isZero();
  }
}
