package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A fault costs no more than it must, whichever process is killed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {
  /** A job of many of these is caught in the middle. */
  private static final String SLOW =
      """
      import time
      def f(x):
          time.sleep(0.01)
          return x * 2
      """;

  /** As slow, and items from 300 on wait for a file: the job is surely caught in the middle. */
  private static final String GATED =
      """
      import os, time
      def f(x):
          time.sleep(0.01)
          while x >= 300 and not os.path.exists(%s): time.sleep(0.01)
          return x * 2
      """;

  @TempDir private Path gates;

  /** For tests that do not end it. */
  private Service service;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void aJobWhoseItemsAllFailAlikeSaysHow() {
    assertThat(notes("def f(a, b): return a + b", "[[1, 2], [3, 4], [5, 6], [7, 8]]"))
        .contains("Item 0: TypeError: f() missing 1 required", "\"call\": \"starmap\"");
    assertThat(notes("def f(x): return x", "[[1, 2], [3, 4], [5, 6]]", "\"call\": \"starmap\""))
        .contains("TypeError: f() takes 1 positional argument", "set \"call\": \"map\"");
    assertThat(notes("def f(x): return 1 / x", "[0, 0, 0]"))
        .contains("ZeroDivisionError: division by zero.")
        .doesNotContain("\"call\"");
    assertThat(notes("def f(x): return 1 / x", "[0, \"a\", 0, 0]")).isEmpty();
    assertThat(notes("def f(x): return 1 / x", "[0, 0, 0, 1]")).isEmpty();
    assertThat(notes("def f(x): return 1 / x", "[0, 0]")).isEmpty();
  }

  private String notes(String code, String inputs, String... more) {
    var notes = service.run(python(code, inputs, more)).get("notes");
    return notes.isEmpty() ? "" : notes.get(0).stringValue();
  }

  @Test
  void aProcessThatAFunctionForksIsNotTakenForItsWorker() {
    String code =
        """
        import os, signal, time
        calls = []
        def f(x):
            if x == 2:
                calls.append(os.fork())
            child = calls[0] if calls else None
            if x == 8 and child == 0:
                open('child-at-8', 'w').close()
                time.sleep(60)
            if x == 7 and child:
                while not os.path.exists('child-at-8') and os.waitpid(child, os.WNOHANG)[0] == 0:
                    time.sleep(0.005)
                os.kill(os.getpid(), signal.SIGKILL)
            return x
        """;
    var job =
        service.run(
            python(
                code,
                "{\"range\": {\"stop\": 12}}",
                "\"chunking\": {\"size\": 12}",
                "\"retry\": {\"crash\": 1}",
                "\"maxFailures\": 12"));
    assertThat(job.get("items").get("failed").intValue()).as("%s", job).isEqualTo(1);
    var errors =
        service
            .get("/api/v1/jobs/" + job.get("id").stringValue() + "/results")
            .json()
            .get("errors");
    assertThat(errors.get(0).get("index").intValue()).isEqualTo(7);
  }

  @Test
  void aPoisonItemCostsOnlyItself() {
    String code =
        """
        import os, ctypes, sys
        def f(x):
            if x == 50: os._exit(9)
            if x == 70:
                print("last words", file=sys.stderr, flush=True)
                ctypes.string_at(0)
            if x == 90: sys.exit("bye")
            if x == 110: return b"bytes"
            if x == 130: return float("nan")
            if x == 150: 1 / 0
            if x == 170:
                while True: pass
            print("noise on stdout")
            return x
        """;
    var job =
        service.run(python(code, "{\"range\": {\"stop\": 1000}}", "\"timeouts\": {\"item\": 1}"));
    assertThat(job.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(job.get("items").get("failed").intValue()).isEqualTo(7);
    assertThat(job.get("items").get("succeeded").intValue()).isEqualTo(993);

    JsonNode page = service.get("/api/v1/jobs/" + job.get("id").stringValue() + "/results").json();
    assertThat(page.get("results").get(999).intValue()).isEqualTo(999);
    assertError(page, 0, 50, "CRASH", "exit 9", 2);
    assertError(page, 1, 70, "CRASH", "SIGSEGV", 2);
    assertThat(page.get("errors").get(1).get("traceback").stringValue()).contains("last words");
    assertError(page, 2, 90, "ERROR", "SystemExit", 1);
    assertError(page, 3, 110, "UNSERIALIZABLE", "bytes", 1);
    assertThat(page.get("errors").get(4).get("kind").stringValue()).isEqualTo("UNSERIALIZABLE");
    assertError(page, 5, 150, "ERROR", "ZeroDivisionError", 1);
    assertThat(page.get("errors").get(5).get("traceback").stringValue()).contains("1 / 0");
    assertError(page, 6, 170, "TIMEOUT", "Timeout", 1);
    JsonNode hung =
        service.get("/api/v1/jobs/" + job.get("id").stringValue() + "/items/170").json();
    assertThat(hung.get("seconds").doubleValue()).as("until it was killed").isGreaterThan(1);

    JsonNode errors = service.get("/api/v1/jobs/" + job.get("id").stringValue() + "/errors").json();
    assertThat(errors.get("failed").intValue()).isEqualTo(7);
    assertThat(errors.get("examined").intValue()).isEqualTo(7);
    assertThat(errors.get("groups"))
        .extracting(group -> group.get("type").stringValue())
        .containsExactly(
            "exit 9", "SIGSEGV", "SystemExit", "bytes", "float", "ZeroDivisionError", "Timeout");
    assertThat(errors.get("groups").get(0).get("sample").get("index").intValue()).isEqualTo(50);
  }

  private static void assertError(
      JsonNode page, int position, int index, String kind, String type, int attempts) {
    JsonNode error = page.get("errors").get(position);
    assertThat(error.get("index").intValue()).as("%s", error).isEqualTo(index);
    assertThat(error.get("kind").stringValue()).as("%s", error).isEqualTo(kind);
    assertThat(error.get("type").stringValue()).as("%s", error).isEqualTo(type);
    assertThat(error.get("attempts").intValue()).as("%s", error).isEqualTo(attempts);
    assertThat(page.get("results").get(index).isNull()).isTrue();
  }

  @Test
  void aKilledServiceFinishesItsJobsWhenItComesBack() throws Exception {
    var doomed = Service.start(Service.newDirectory());
    Path gate = gates.resolve("killed");
    String id = doomed.submit(gated(gate));
    awaitDone(doomed, id, 100);
    doomed.killMinus9();
    Files.createFile(gate);
    try (var again = doomed.again()) {
      JsonNode job = again.await(id);
      assertWhole(again, job, 600);
      // Every item has one outcome: the reports add up to exactly the items.
      assertThat(job.get("items").get("succeeded").intValue()).isEqualTo(600);
      assertThat(again.log()).contains("resuming 1 unfinished jobs");
    }
  }

  @Test
  void aStoppedServiceHandsBackWhatRunsAndExitsInTime() throws Exception {
    var doomed = Service.start(Service.newDirectory());
    Path gate = gates.resolve("stopped");
    String id = doomed.submit(gated(gate));
    awaitDone(doomed, id, 50);
    // 128 + SIGTERM is how a JVM ends that was asked to.
    assertThat(doomed.terminate()).isEqualTo(143);
    Files.createFile(gate);
    try (var again = doomed.again()) {
      assertWhole(again, again.await(id), 600);
    }
  }

  @Test
  void aKilledWorkerCostsNoItem() throws Exception {
    Path gate = gates.resolve("worker");
    String id = service.submit(gated(gate));
    awaitDone(service, id, 50);
    for (JsonNode worker : service.get("/api/v1/workers").json().get("workers")) {
      kill(worker.get("pid").longValue());
    }
    Files.createFile(gate);
    JsonNode job = service.await(id);
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertWhole(service, job, 600);
  }

  @Test
  void aKilledServiceTakesItsWorkersAlong() throws Exception {
    var doomed = Service.start(Service.newDirectory());
    String id = doomed.submit(python("def f(x):\n    while True: pass", "[1, 2]"));
    awaitRunning(doomed, 2);
    List<ProcessHandle> workers =
        doomed
            .get("/api/v1/workers")
            .json()
            .get("workers")
            .valueStream()
            .map(worker -> ProcessHandle.of(worker.get("pid").longValue()).orElseThrow())
            .toList();
    assertThat(workers).isNotEmpty();
    doomed.killMinus9();
    for (ProcessHandle worker : workers) {
      worker.onExit().get(10, TimeUnit.SECONDS);
    }
    try (var again = doomed.again()) {
      assertThat(again.post("/api/v1/jobs/" + id + "/cancel", "").status()).isEqualTo(202);
      assertThat(again.await(id).get("state").stringValue()).isEqualTo("CANCELLED");
    }
  }

  @Test
  void cancelStopsCodeThatDoesNotListenAndFreesItsSlots() {
    String deaf =
        """
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        def f(x):
            while True: pass
        """;
    String id = service.submit(python(deaf, "{\"range\": {\"stop\": 100}}"));
    awaitRunning(service, 1);
    assertThat(service.post("/api/v1/jobs/" + id + "/cancel", "").status()).isEqualTo(202);
    JsonNode job = service.await(id);
    assertThat(job.get("state").stringValue()).isEqualTo("CANCELLED");
    assertThat(job.get("items").get("skipped").intValue()).isEqualTo(100);
    assertThat(service.post("/api/v1/jobs/" + id + "/cancel", "").status()).isEqualTo(200);
    var page = service.get("/api/v1/jobs/" + id + "/results").json();
    assertThat(page.get("errors")).isEmpty();
    assertThat(page.get("skipped").toString()).as("as they are counted").isEqualTo("[[0,100]]");
    var next = service.run(python("def f(x): return x", "[1]"));
    assertThat(next.get("state").stringValue()).isEqualTo("SUCCEEDED");
  }

  @Test
  void aSmallJobDoesNotWaitBehindALargeOne() {
    String large = service.submit(python(SLOW, "{\"range\": {\"stop\": 100000}}"));
    awaitDone(service, large, 10);
    var small = service.run(python("def g(x): return x", "[1, 2]"));
    assertThat(small.get("state").stringValue()).isEqualTo("SUCCEEDED");
    JsonNode still = service.get("/api/v1/jobs/" + large).json();
    assertThat(still.get("state").stringValue()).isEqualTo("RUNNING");
    service.post("/api/v1/jobs/" + large + "/cancel", "");
  }

  @Test
  void aFailureBudgetEndsTheJobAndKeepsWhatIsFinished() {
    String code = "def f(x):\n    if x % 2: raise ValueError(x)\n    return x";
    String inputs = "{\"range\": {\"stop\": 100000}}";
    var stopped =
        service.run(
            python(
                code,
                inputs,
                "\"maxFailures\": 10",
                "\"onError\": \"stop\"",
                "\"chunking\": {\"size\": 10}"));
    assertThat(stopped.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(stopped.get("stopReason").stringValue()).isEqualTo("maxFailures");
    assertThat(stopped.get("items").get("skipped").longValue()).isGreaterThan(90_000);
    var within = service.run(python(code, "[1, 2, 4]", "\"maxFailures\": 1"));
    assertThat(within.get("state").stringValue()).isEqualTo("SUCCEEDED");
  }

  private static String gated(Path gate) {
    return python(GATED.formatted(Service.quote(gate.toString())), "{\"range\": {\"stop\": 600}}");
  }

  /** All results are there, in order, each the double of its input. */
  private static void assertWhole(Service service, JsonNode job, int items) {
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    List<Long> results =
        service.results(job.get("id").stringValue()).stream().map(JsonNode::longValue).toList();
    assertThat(results).isEqualTo(LongStream.range(0, items).map(i -> 2 * i).boxed().toList());
  }

  /**
   * Follows the job until {@code items} items are done. The service itself holds back each answer
   * for a moment.
   */
  private static void awaitDone(Service service, String id, int items) {
    JsonNode job;
    do {
      job = service.get("/api/v1/jobs/" + id + "?wait=0.02").json();
      assertThat(job.get("finishedAt").isNull()).as("%s", job).isTrue();
    } while (job.get("items").get("done").intValue() < items);
  }

  private static void awaitRunning(Service service, int workers) {
    long running;
    do {
      running =
          service
              .get("/api/v1/workers")
              .json()
              .get("workers")
              .valueStream()
              .filter(worker -> !worker.get("item").isNull())
              .count();
    } while (running < Math.min(workers, Runtime.getRuntime().availableProcessors()));
  }

  private static void kill(long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor()).isZero();
  }
}
