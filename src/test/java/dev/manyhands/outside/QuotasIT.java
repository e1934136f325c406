package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Resources that are counted while items run: processor seconds, disk space, printed output. */
@RunningService({
  "manyhands.workers.slots=2",
  "manyhands.workers.cpu-time=2s",
  "manyhands.workers.scratch=16MB"
})
class QuotasIT {
  private final Service service;

  QuotasIT(Service service) {
    this.service = service;
  }

  private static JsonNode onlyError(FinishedJob job, int items) {
    assertThat(job).hasSucceeded(items - 1);
    return job.errors().getFirst();
  }

  @Test
  void anItemThatComputesForTooLongCostsItself() {
    String code =
        """
        def f(x):
            while x == 7: pass
            return x
        """;
    var job = service.job().python(code).range(20).cpuTimeout(0.5).maxFailures(1).run();
    var error = onlyError(job, 20);
    assertThat(error.get("index").intValue()).isEqualTo(7);
    assertThat(error.get("kind").stringValue()).isEqualTo("TIMEOUT");
    assertThat(error.get("type").stringValue()).isEqualTo("CpuTimeout");
    assertThat(error.get("message").stringValue()).contains("0.5 s of processor time");
    assertThat(error.get("attempts").intValue()).isEqualTo(1);
  }

  @Test
  void theSettingHoldsForAllAndRetriesAreAsAfterATimeout() {
    String code = "def f(x):\n    while True: pass";
    var job = service.job().python(code).inputs(1).retryTimeout(2).maxFailures(1).run();
    var error = onlyError(job, 1);
    assertThat(error.get("message").stringValue()).contains("2.0 s of processor time");
    assertThat(error.get("attempts").intValue()).isEqualTo(2);
  }

  @Test
  void anItemThatSleepsUsesNone() {
    String code = "import time\ndef f(x): return time.sleep(3)";
    var job = service.job().python(code).inputs(1).cpuTimeout(0.2).run();
    assertThat(job).hasState(SUCCEEDED);
  }

  @Test
  void manyItemsTogetherMayUseMoreThanOne() {
    String code =
        """
        import time
        def f(x):
            end = time.process_time() + 0.3
            while time.process_time() < end: pass
        """;
    var job = service.job().python(code).range(12).cpuTimeout(1.5).run();
    assertThat(job).hasState(SUCCEEDED);
  }

  @Test
  void whatAnItemHasStartedCountsAlsoAfterItsEnd() {
    String code =
        """
        import subprocess, sys
        burn = "import time\\nwhile time.process_time() < 0.3: pass"
        def f(x):
            while x == 1: subprocess.run([sys.executable, "-c", burn])
            return x
        """;
    var job = service.job().python(code).range(3).cpuTimeout(1).maxFailures(1).run();
    assertThat(onlyError(job, 3).get("type").stringValue()).isEqualTo("CpuTimeout");
  }

  @Test
  void withThreadsTheOthersFinish() {
    String code =
        """
        import time
        def f(x):
            while x == 5: pass
            time.sleep(0.01)
            return x
        """;
    var job = service.job().python(code).range(30).threads(4).cpuTimeout(0.5).maxFailures(1).run();
    var error = onlyError(job, 30);
    assertThat(error.get("index").intValue()).isEqualTo(5);
    assertThat(error.get("kind").stringValue()).isEqualTo("TIMEOUT");
  }

  @ParameterizedTest
  @CsvSource({"4, 422", "0, 422", "-1, 422", "\"much\", 400"})
  void aBadAmountOfProcessorTimeSaysWhy(String seconds, int status) {
    var job = service.job().named("gcd").inputs(List.of(1, 2));
    var answer = job.option("timeouts", Map.of("cpu", Service.json(seconds))).post();
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
        .isEqualTo("/timeouts/cpu");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "many small files | for i in range(5000): open(str(i), 'w').close()",
        "a long file      | open('long', 'wb').write(bytes(20 << 20))",
        "many directories | for i in range(5000): os.mkdir(str(i))",
        "a deep tree      | for i in range(3000): os.mkdir('d' * 50); os.chdir('d' * 50)"
      })
  void anItemThatFillsItsDirectoryCostsItself(String what, String fill) {
    String code =
        """
        import os, time
        def f(x):
            if x == 4:
                %s
                time.sleep(60)
            return x
        """
            .formatted(fill);
    var beside =
        service
            .job()
            .python("import time\ndef g(x): time.sleep(0.02)")
            .range(200)
            .workers(1)
            .submit();
    var job = service.job().python(code).range(10).retryCrash(1).maxFailures(1).run();
    var error = onlyError(job, 10);
    assertThat(error.get("index").intValue()).isEqualTo(4);
    assertThat(error.get("kind").stringValue()).isEqualTo("CRASH");
    assertThat(error.get("type").stringValue()).isEqualTo("ScratchFull");
    assertThat(error.get("message").stringValue()).contains("manyhands.workers.scratch");
    assertThat(beside.await()).hasSucceeded(200);
    assertScratchIsClear(service);
  }

  /** Root can look into any directory. */
  @Test
  void anItemThatClosesItsDirectoryToTheServiceCostsItself() throws Exception {
    Nobody.require();
    String code =
        """
        import os, time
        def f(x):
            os.chmod("..", 0)
            time.sleep(60)
        """;
    try (var nobodys =
        Service.startBy(
            Nobody.LAUNCHER, Nobody.newDirectory(), "--manyhands.workers.scratch=16MB")) {
      var job = nobodys.job().python(code).inputs(1).retryCrash(1).run();
      var error = onlyError(job, 1);
      assertThat(error.get("type").stringValue()).isEqualTo("ScratchFull");
      assertThat(error.get("message").stringValue()).contains("cannot be counted");
    }
  }

  @Test
  void holesAndWhatIsElsewhereDoNotCount() {
    String code =
        """
        import os, time
        def f(x):
            with open("sparse", "wb") as file: file.truncate(1 << 30)
            os.symlink("/usr", "link")
            with open("one", "wb") as file: file.write(bytes(8 << 20))
            for i in range(10): os.link("one", "again%d" % i)
            time.sleep(5)
            return os.stat("sparse").st_size
        """;
    var job = service.job().python(code).inputs(1).retryCrash(1).run();
    assertThat(job.result().toString()).as("%s", job.errors()).isEqualTo("[1073741824]");
  }

  @Test
  void whateverIsLeftBehindDoesNotKeepTheServiceFromStarting() throws Exception {
    String code =
        """
        import os, time
        def f(x):
            for i in range(200): os.mkdir("d" * 100); os.chdir("d" * 100)
            os.chmod(".", 0)
            time.sleep(60)
        """;
    var other = Service.start(Service.newDirectory());
    try {
      var job = other.job().python(code).inputs(1).retryCrash(1).submit();
      while (job.view().get("startedAt").isNull()) {
        Thread.onSpinWait();
      }
      other.killMinus9();
      try (var again = other.again()) {
        job.on(again).cancelled();
        assertScratchIsClear(again);
      }
    } finally {
      other.close();
    }
  }

  @Test
  void aWorkerThatStopsBeforeItsFirstItemIsNotWaitedForLong() throws Exception {
    String code = "import os\ndef f(x): return os.getpid()";
    var first = service.job().python(code).inputs(1).workers(1).run();
    long pid = first.result().get(0).longValue();
    signal("STOP", pid);
    var job = service.job().python(code).range(100).workers(1).chunk(100).itemTimeout(0.5).run();
    // It was found after the time of one item, not of a hundred, and no item is to blame.
    assertThat(job).hasSucceeded(100);
    assertThat(job.get("elapsedSeconds").doubleValue()).isLessThan(20);
  }

  @Test
  void aFloodOfAGigabyteIsBounded() throws Exception {
    String code =
        """
        import os
        def f(x):
            block = (b"." * 999 + b"\\n") * 1_000 if x else b"." * 1_000_000
            for i in range(250): os.write(1 + x % 2, block)
            return x
        """;
    var job = service.job().python(code).range(4).run();
    assertThat(job).hasState(SUCCEEDED);
    String id = job.id();
    var log = service.get("/api/v1/jobs/" + id + "/log");
    assertThat(log.body()).contains("lines of the job are not kept here");
    assertThat(log.body().length()).isLessThan(1_300_000);
    try (var files = Files.list(LogsIT.files(service.directory, id))) {
      assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isLessThan(1 << 20);
    }
    // A service of 256 MB is still there, and has not printed it either.
    assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
    assertThat(service.log().length()).isLessThan(100_000);
  }

  @Test
  void theLimitsAreShown() {
    var limits = service.get("/api/v1/limits").json();
    assertThat(limits.get("workerCpuSeconds").doubleValue()).isEqualTo(2);
    assertThat(limits.get("workerScratchBytes").longValue()).isEqualTo(16 << 20);
    assertThat(limits.get("maxResultBytes").longValue()).isEqualTo(16 << 20);
    assertThat(limits.get("jobLogBytes").longValue()).isEqualTo(1 << 20);
  }

  @Test
  void aResultThatIsTooLongSaysSo() {
    String code = "def f(x): return '.' * x";
    var job = service.job().python(code).inputs(5, 20_000_000, 5).maxFailures(1).run();
    var error = onlyError(job, 3);
    assertThat(error.get("kind").stringValue()).isEqualTo("UNSERIALIZABLE");
    assertThat(error.get("message").stringValue()).contains("20000002 bytes", "16777216");
  }

  private static void signal(String name, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  /** There is nothing but what workers have that live. */
  private static void assertScratchIsClear(Service service) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    List<String> left;
    do {
      left = directories(service);
      for (JsonNode worker : service.get("/api/v1/workers").json().get("workers")) {
        left.remove("worker-" + worker.get("id").asString());
      }
    } while (!left.isEmpty() && System.nanoTime() < deadline);
    assertThat(left).as("directories of workers that are gone").isEmpty();
  }

  private static List<String> directories(Service service) {
    Path scratch = service.directory.resolve("data/scratch");
    try (var files = Files.list(scratch)) {
      return new ArrayList<>(
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("worker-"))
              .toList());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
