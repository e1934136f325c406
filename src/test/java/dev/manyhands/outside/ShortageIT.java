package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
      var jobs = new ArrayList<RunningJob>();
      for (int i = 0; i < 6; i++) {
        var job = service.job().python(large);
        var sized = i % 2 == 0 ? job.repeat(limit - 100, 24) : job.repeat(16_000_000, 12);
        jobs.add(sized.submit());
      }
      for (int i = 0; i < jobs.size(); i++) {
        assertThat(jobs.get(i).await()).hasState(i % 2 == 0 ? SUCCEEDED : FAILED);
      }
      List<JsonNode> errors = jobs.get(1).errors();
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
      var waiting =
          service
              .job()
              .python("def f(x): return x + 1")
              .range(0, 100)
              .notBefore(soon.toString())
              .submit();
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
      assertThat(waiting.await()).hasState(SUCCEEDED);
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
      var jobs = new ArrayList<RunningJob>();
      for (int i = 0; i < 6; i++) {
        String code = "import time\ndef f(x):\n  time.sleep(0.02)\n  return x + " + i;
        jobs.add(service.job().python(code).range(0, 60).submit());
      }
      service.awaitLog("cannot be started");
      for (RunningJob each : jobs) {
        assertThat(each.await()).hasState(SUCCEEDED);
      }
      assertEverySlotIsThere(service, 2);
    }
  }

  private void assertEverySlotIsThere(Service service, int slots) throws IOException {
    Path at = Files.createTempDirectory(directory, "meeting");
    Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxrwxrwx"));
    var inputs = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < slots; i++) {
      inputs.add(Map.of("at", at.toString(), "number", i, "all", slots));
    }
    var job = service.job().python(MEETING).inputs(inputs.toArray()).chunk(1).run();
    assertThat(job).hasState(SUCCEEDED);
    assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
  }
}
