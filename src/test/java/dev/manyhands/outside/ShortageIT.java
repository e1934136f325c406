package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;

/**
 * Services that have too little memory, too few threads or too few descriptors for a moment. No
 * item is charged for that, and afterwards every slot is there.
 */
@Isolated("takes all threads and descriptors of a user")
class ShortageIT {
  private static final int SLOTS = 4;

  /** A user without other processes, because the system counts processes by user. */
  private static final String USER = "54321";

  /** Each item waits until all slots have one: so it ends only if there are as many. */
  private static final String MEETING =
      """
      import os, time
      def f(x):
          open(x["at"] + "/" + str(x["number"]), "w").close()
          while len(os.listdir(x["at"])) < x["all"]: time.sleep(0.01)
          return x["number"]
      """;

  @TempDir private Path directory;

  @BeforeEach
  void need() throws IOException {
    Requirements.python();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @Test
  void resultsForWhichThereIsNoMemoryCostNoSlot() throws IOException {
    try (var service =
        Service.startWithHeap(
            "128m", Service.newDirectory(), "--manyhands.workers.slots=" + SLOTS)) {
      long limit = service.get("/api/v1/limits").json().get("maxResultBytes").longValue();
      assertThat(limit).isLessThanOrEqualTo((128L << 20) / 8 / SLOTS);
      String large = "def f(x): return 'x' * x";
      var jobs = new ArrayList<String>();
      for (int i = 0; i < 6; i++) {
        String inputs =
            i % 2 == 0
                ? "{\"repeat\": {\"value\": %d, \"times\": 24}}".formatted(limit - 100)
                : "{\"repeat\": {\"value\": 16000000, \"times\": 12}}";
        jobs.add(service.submit(python(large, inputs)));
      }
      for (int i = 0; i < jobs.size(); i++) {
        JsonNode job = service.await(jobs.get(i));
        assertThat(job.get("state").stringValue()).isEqualTo(i % 2 == 0 ? "SUCCEEDED" : "FAILED");
      }
      JsonNode errors =
          service.get("/api/v1/jobs/" + jobs.get(1) + "/results?limit=100").json().get("errors");
      assertThat(errors).hasSize(12);
      errors.forEach(
          error -> assertThat(error.get("kind").stringValue()).isEqualTo("UNSERIALIZABLE"));
      assertEverySlotIsThere(service, SLOTS);
    }
  }

  @Test
  void descriptorsThatAreAllInUseCostNoJob() throws IOException {
    var launcher = List.of("prlimit", "--nofile=160", "--");
    Requirements.thatRun(Stream.concat(launcher.stream(), Stream.of("true")));
    try (var service =
        Service.startBy(launcher, Service.newDirectory(), "--manyhands.workers.slots=" + SLOTS)) {
      Instant soon = Instant.now().plusSeconds(3);
      String waiting =
          service.submit(
              python(
                  "def f(x): return x + 1",
                  "{\"range\": {\"start\": 0, \"stop\": 100}}",
                  "\"notBefore\": \"" + soon + "\""));
      var connections = new ArrayList<Socket>();
      try {
        for (int i = 0; i < 200; i++) {
          connections.add(new Socket("127.0.0.1", service.uri("/").getPort()));
        }
        service.awaitLog("workers cannot be started and are tried again");
      } finally {
        for (Socket each : connections) {
          each.close();
        }
      }
      JsonNode job = service.await(waiting);
      assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
      assertEverySlotIsThere(service, SLOTS);
    }
  }

  @Test
  void threadsThatCannotBeMadeCostNoJob() throws IOException {
    var launcher =
        List.of(
            "setpriv",
            "--reuid",
            USER,
            "--regid",
            USER,
            "--clear-groups",
            "--",
            "prlimit",
            "--nproc=95",
            "--");
    Requirements.thatRun(Stream.concat(launcher.stream(), Stream.of("true")));
    Path home = Service.newDirectory();
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    try (var service =
        Service.startBy(
            launcher,
            home,
            "--manyhands.workers.slots=24",
            "--manyhands.workers.idle-timeout=1s")) {
      var jobs = new ArrayList<String>();
      for (int i = 0; i < 6; i++) {
        String code = "import time\ndef f(x):\n  time.sleep(0.02)\n  return x + " + i;
        jobs.add(service.submit(python(code, "{\"range\": {\"start\": 0, \"stop\": 60}}")));
      }
      service.awaitLog("cannot be started");
      for (String each : jobs) {
        JsonNode job = service.await(each);
        assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
      }
      assertEverySlotIsThere(service, 2);
    }
  }

  private void assertEverySlotIsThere(Service service, int slots) throws IOException {
    Path at = Files.createTempDirectory(directory, "meeting");
    Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxrwxrwx"));
    var inputs = new ArrayList<String>();
    for (int i = 0; i < slots; i++) {
      inputs.add("{\"at\": \"%s\", \"number\": %d, \"all\": %d}".formatted(at, i, slots));
    }
    JsonNode job = service.run(python(MEETING, inputs.toString(), "\"chunking\": {\"size\": 1}"));
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
  }
}
