package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The limits of workers on the machine, and the end of workers that exceed them. */
@RunningService({
  "manyhands.workers.slots=2",
  "manyhands.workers.memory=300MB",
  "manyhands.workers.memory-budget=600MB",
  "manyhands.workers.open-files=80",
  "manyhands.workers.file-size=1MB"
})
class LimitsIT {
  private final Service service;

  @TempDir private Path directory;

  LimitsIT(Service service) {
    this.service = service;
  }

  @Test
  void anItemThatWantsTooMuchMemoryCostsItself() {
    String code = "def f(x): return len(bytearray(400_000_000 if x == 700 else 10))";
    var job = service.job().python(code).range(1_000).maxFailures(1).run();
    assertThat(job).hasSucceeded(999).hasErrors(1).hasErrorKindAt(700, "OOM");
  }

  @Test
  void aJobMayAskForMoreOrLess() {
    String code = "def f(x): return len(bytearray(x))";
    var more = service.job().python(code).inputs(400_000_000).memory("550MB").run();
    assertThat(more).hasResult("[400000000]");
    assertThat(more.get("memory").longValue()).isEqualTo(550L << 20);
    var less = service.job().python(code).inputs(200_000_000).memory(100_000_000).run();
    assertThat(less).hasErrorKindAt(0, "OOM");
  }

  @Test
  void memoryOfWhatAWorkerHasStartedCounts() {
    String code =
        """
        import subprocess, sys
        def f(x):
            if x != 3: return x
            eat = "b = bytearray(200_000_000)\\nimport time; time.sleep(60)"
            for child in [subprocess.Popen([sys.executable, "-c", eat]) for i in range(3)]:
                child.wait()
        """;
    var job = service.job().python(code).range(20).retryCrash(1).maxFailures(1).run();
    assertThat(job)
        .hasSucceeded(19)
        .hasErrors(1)
        .hasErrorKindAt(3, "OOM")
        .hasMessageAt(3, "bytes", "'memory'");
  }

  @Test
  void javaWorkersKeepWithinTheirMemory() {
    var job = service.job().named("check_prime").range(1000).reduce("sum").memory("256MB").run();
    assertThat(job).hasResult(168);
  }

  @Test
  void togetherTheyKeepWithinTheBudget() throws Exception {
    Path log = directory.resolve("log");
    String code =
        """
        import os, time
        def f(x):
            file = os.open("%s", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
            os.write(file, b"+")
            time.sleep(0.05)
            os.write(file, b"-")
            os.close(file)
            return x
        """
            .formatted(log);
    var jobs = new ArrayList<RunningJob>();
    for (int i = 0; i < 3; i++) {
      jobs.add(service.job().python(code).range(8).memory("400MB").submit());
    }
    for (RunningJob job : jobs) {
      assertThat(job.await()).hasState(SUCCEEDED);
      assertThat(job.view().get("workersUsed").intValue()).isEqualTo(1);
    }
    // Two of 400 MB would be more than the 600 MB there are: never does one begin within another.
    assertThat(Files.readString(log)).isEqualTo("+-".repeat(24));
  }

  @Test
  void filesAreLimited() {
    String many = "def f(x): return len([open('/dev/null') for i in range(x)])";
    var job = service.job().python(many).inputs(10, 200, 10).maxFailures(1).run();
    assertThat(job).hasErrors(1).hasMessageAt(1, "Too many open files");
    String large = "def f(x):\n  with open('a', 'wb') as file: return file.write(bytes(x))";
    job = service.job().python(large).inputs(10, 3_000_000, 10).maxFailures(1).run();
    assertThat(job).hasErrors(1).hasMessageAt(1, "File too large");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "lots" | 400
          "1XB" | 400
          true | 400
          -5 | 400
          "1MB" | 422
          "1TB" | 422
          """)
  void aBadAmountOfMemorySaysWhy(String memory, int status) {
    var answer =
        service.job().named("gcd").inputs(List.of(1, 2)).optionAsWritten("memory", memory).post();
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
        .isEqualTo("/memory");
  }

  @Test
  void theLimitsAreShown() {
    var limits = service.get("/api/v1/limits").json();
    assertThat(limits.get("workerMemoryBytes").longValue()).isEqualTo(300L << 20);
    assertThat(limits.get("memoryBudgetBytes").longValue()).isEqualTo(600L << 20);
    assertThat(limits.get("sandbox").stringValue()).isEqualTo("process");
    assertThat(limits.get("maxUnfinishedBytes").longValue()).isPositive();
    assertThat(limits.get("retentionSeconds").isNull()).as("jobs are kept by default").isTrue();
  }

  @Test
  void inANamespaceWorkersSeeNothingButTheirOwn() throws Exception {
    Requirements.bubblewrap();
    Path data = Service.newDirectory();
    try (var closed = Service.start(data, "--manyhands.workers.sandbox=namespace")) {
      assertThat(closed.get("/api/v1/limits").json().get("sandbox").stringValue())
          .isEqualTo("namespace");
      Path compiled = data.resolve("data/scratch/harness/manyhands_worker/compiled");
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> Files.exists(compiled));
      String code =
          """
          import os, socket
          def f(x):
              def tried(work):
                  try:
                      return work()
                  except OSError as refused:
                      return type(refused).__name__
              return {
                  "data": tried(lambda: sorted(os.listdir("%1$s"))),
                  "outside": tried(lambda: open("/etc/written", "w").close()),
                  "beside": tried(lambda: open("%2$s/written", "w").close()),
                  "tmp": "written" in os.listdir("/tmp"),
                  "own": tried(lambda: open("written", "w").close()),
                  "code": tried(lambda: open("%4$s", "rb").close()),
                  "changedCode": tried(lambda: open("%4$s", "r+b").close()),
                  "network": tried(lambda: socket.create_connection(("127.0.0.1", %3$d), 5).close()),
                  "processes": len([p for p in os.listdir("/proc") if p.isdigit()]) < 5,
              }
          """
              .formatted(data.resolve("data"), directory, closed.uri("/").getPort(), compiled);
      var job = closed.job().python(code).inputs(1).run();
      assertThat(job).hasState(SUCCEEDED);
      var seen = job.result().get(0);
      assertThat(seen.get("data").toString()).isEqualTo("[\"archives\",\"bundles\",\"scratch\"]");
      assertThat(seen.get("outside").stringValue()).isEqualTo("OSError");
      assertThat(seen.get("beside").stringValue()).isIn("OSError", "FileNotFoundError");
      assertThat(seen.get("tmp").booleanValue()).isFalse();
      assertThat(seen.get("own").isNull()).isTrue();
      assertThat(seen.get("code").isNull()).isTrue();
      assertThat(seen.get("changedCode").stringValue()).isEqualTo("OSError");
      assertThat(seen.get("network").stringValue()).endsWith("Error");
      assertThat(seen.get("processes").booleanValue()).isTrue();
      assertThat(job.item(0).get("peakRss").longValue()).isGreaterThan(1 << 20);

      // Files in memory are limited like memory, and disappear with the worker.
      String fill =
          """
          import errno
          def f(directory):
              try:
                  with open(directory + "/%s", "wb", buffering=0) as file:
                      for written in range(200):
                          file.write(bytes(1 << 20))
              except OSError as full:
                  return errno.errorcode[full.errno], written
          """
              .formatted(data.getFileName());
      var full = closed.job().python(fill).inputs("/tmp", "/dev/shm").memory("100MB").run();
      for (JsonNode one : full.result()) {
        assertThat(one.get(0).stringValue()).as("%s", full).isEqualTo("ENOSPC");
        assertThat(one.get(1).intValue()).isBetween(90, 101);
      }
      assertThat(Path.of("/dev/shm").resolve(data.getFileName())).doesNotExist();

      // All runtimes work there, and faults cost as much as elsewhere.
      assertThat(closed.job().named("gcd").inputs(List.of(12, 18)).run()).hasResult("[6]");
      assertThat(closed.job().command("sed", "-u", "s/.*/&&/").inputs(1, 2).run())
          .hasResult("[11,22]");
      String crash =
          """
          import os, signal, time
          def f(x):
              if x == 10: os._exit(7)
              if x == 20: os.kill(os.getpid(), signal.SIGSEGV)
              if x == 30: time.sleep(60)
              return x
          """;
      var faulty =
          closed.job().python(crash).range(100).retryCrash(1).itemTimeout(1).maxFailures(3).run();
      assertThat(faulty)
          .hasSucceeded(97)
          .hasErrors(3)
          .hasErrorAt(10, "exit 7")
          .hasErrorAt(20, "SIGSEGV")
          .hasErrorAt(30, "Timeout");
      assertThat(
              faulty.results().stream()
                  .filter(value -> !value.isNull())
                  .mapToLong(JsonNode::longValue)
                  .sum())
          .isEqualTo(LongStream.range(0, 100).sum() - 60);
    }
  }

  @Test
  void whatCannotBeEnforcedIsNotPretended() throws Exception {
    assertThat(Service.refusalToStart(Service.newDirectory(), "--manyhands.workers.sandbox=cage"))
        .contains("sandbox");
  }
}
