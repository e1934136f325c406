package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.CANCELLED;
import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.RUNNING;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A fault costs no more than it must, whichever process is killed. */
@RunningService
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
  private final Service service;

  FaultsIT(Service service) {
    this.service = service;
  }

  @Test
  void aJobWhoseItemsAllFailAlikeSaysHow() {
    var twoArguments = service.job().python("def f(a, b): return a + b");
    assertThat(
            twoArguments.inputs(List.of(1, 2), List.of(3, 4), List.of(5, 6), List.of(7, 8)).run())
        .hasOnlyNote("Item 0: TypeError: f() missing 1 required", "\"call\": \"starmap\"");
    var oneArgument = service.job().python("def f(x): return x").starmap();
    assertThat(oneArgument.inputs(List.of(1, 2), List.of(3, 4), List.of(5, 6)).run())
        .hasOnlyNote("TypeError: f() takes 1 positional argument", "set \"call\": \"map\"");
    var divides = service.job().python("def f(x): return 1 / x");
    assertThat(divides.inputs(0, 0, 0).run())
        .hasOnlyNote("ZeroDivisionError: division by zero.")
        .hasNoNoteWith("\"call\"");
    assertThat(divides.inputs(0, "a", 0, 0).run()).hasNoNotes();
    assertThat(divides.inputs(0, 0, 0, 1).run()).hasNoNotes();
    assertThat(divides.inputs(0, 0).run()).hasNoNotes();
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
    var job = service.job().python(code).range(1000).itemTimeout(1).run();
    assertThat(job)
        .hasState(FAILED)
        .hasFailed(7)
        .hasSucceeded(993)
        .hasErrors(7)
        .hasErrorAt(50, "CRASH", "exit 9", 2)
        .hasErrorAt(70, "CRASH", "SIGSEGV", 2)
        .hasTracebackAt(70, "last words")
        .hasErrorAt(90, "ERROR", "SystemExit", 1)
        .hasErrorAt(110, "UNSERIALIZABLE", "bytes", 1)
        .hasErrorKindAt(130, "UNSERIALIZABLE")
        .hasErrorAt(150, "ERROR", "ZeroDivisionError", 1)
        .hasTracebackAt(150, "1 / 0")
        .hasErrorAt(170, "TIMEOUT", "Timeout", 1);

    JsonNode page = job.page();
    assertThat(page.get("results").get(999).intValue()).isEqualTo(999);
    for (int failed : new int[] {50, 70, 90, 110, 150, 170}) {
      assertThat(page.get("results").get(failed).isNull()).isTrue();
    }
    assertThat(page.get("errors"))
        .extracting(error -> error.get("index").intValue())
        .containsExactly(50, 70, 90, 110, 130, 150, 170);
    assertThat(job.item(170).get("seconds").doubleValue())
        .as("until it was killed")
        .isGreaterThan(1);

    JsonNode errors = service.get(job.path() + "/errors").json();
    assertThat(errors.get("failed").intValue()).isEqualTo(7);
    assertThat(errors.get("examined").intValue()).isEqualTo(7);
    assertThat(errors.get("groups"))
        .extracting(group -> group.get("type").stringValue())
        .containsExactly(
            "exit 9", "SIGSEGV", "SystemExit", "bytes", "float", "ZeroDivisionError", "Timeout");
    assertThat(errors.get("groups").get(0).get("sample").get("index").intValue()).isEqualTo(50);
  }

  /**
   * Item 5 begins with the first items, because a worker with four threads has two chunks. The
   * report on the first chunk comes while item 5 hangs.
   */
  @Test
  void anItemThatHangsBesideOthersHasTheSecondsOfItsLimit() {
    String code =
        """
        import time
        def f(x):
            time.sleep(60 if x == 5 else 1 if x == 0 else 0)
            return x
        """;
    var job = service.job().python(code).range(8).workers(1).threads(4).itemTimeout(2).run();
    assertThat(job).hasErrors(1).hasErrorAt(5, "TIMEOUT", "Timeout", 1);
    JsonNode item = job.item(5);
    assertThat(item.get("seconds").doubleValue()).isGreaterThanOrEqualTo(2);
    var began = Instant.parse(item.get("startedAt").stringValue());
    var ended = Instant.parse(item.get("finishedAt").stringValue());
    assertThat(Duration.between(began, ended)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void aKilledServiceFinishesItsJobsWhenItComesBack() throws Exception {
    var doomed = Service.start(Service.newDirectory());
    Path gate = gates.resolve("killed");
    var job = gated(doomed, gate).submit();
    job.awaitDone(100);
    doomed.killMinus9();
    Files.createFile(gate);
    try (var again = doomed.again()) {
      var finished = job.on(again).await();
      assertWhole(finished, 600);
      // Every item has one outcome: the reports add up to exactly the items.
      assertThat(finished).hasSucceeded(600);
      assertThat(again.log()).contains("resuming 1 unfinished jobs");
    }
  }

  @Test
  void aStoppedServiceHandsBackWhatRunsAndExitsInTime() throws Exception {
    var doomed = Service.start(Service.newDirectory());
    Path gate = gates.resolve("stopped");
    var job = gated(doomed, gate).submit();
    job.awaitDone(50);
    // 128 + SIGTERM is how a JVM ends that was asked to.
    assertThat(doomed.terminate()).isEqualTo(143);
    Files.createFile(gate);
    try (var again = doomed.again()) {
      assertWhole(job.on(again).await(), 600);
    }
  }

  @Test
  void aKilledWorkerCostsNoItem() throws Exception {
    Path gate = gates.resolve("worker");
    var job = gated(service, gate).submit();
    job.awaitDone(50);
    for (JsonNode worker : service.get("/api/v1/workers").json().get("workers")) {
      kill(worker.get("pid").longValue());
    }
    Files.createFile(gate);
    assertWhole(job.await(), 600);
  }

  @Test
  void aKilledServiceTakesItsWorkersAlong() throws Exception {
    var doomed = Service.start(Service.newDirectory());
    var job = doomed.job().python("def f(x):\n    while True: pass").inputs(1, 2).submit();
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
      assertThat(job.on(again).cancel().status()).isEqualTo(202);
      assertThat(job.on(again).await()).hasState(CANCELLED);
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
    var job = service.job().python(deaf).range(100).submit();
    awaitRunning(service, 1);
    assertThat(job.cancel().status()).isEqualTo(202);
    var cancelled = job.await();
    assertThat(cancelled).hasState(CANCELLED).hasSkipped(100);
    assertThat(job.cancel().status()).isEqualTo(200);
    var page = cancelled.page();
    assertThat(page.get("errors")).isEmpty();
    assertThat(page.get("skipped").toString()).as("as they are counted").isEqualTo("[[0,100]]");
    assertThat(service.job().python("def f(x): return x").inputs(1).run()).hasState(SUCCEEDED);
  }

  @Test
  void aSmallJobDoesNotWaitBehindALargeOne() {
    var large = service.job().python(SLOW).range(100_000).submit();
    large.awaitDone(10);
    assertThat(service.job().python("def g(x): return x").inputs(1, 2).run()).hasState(SUCCEEDED);
    assertThat(large.state()).isEqualTo(RUNNING);
    large.cancel();
  }

  @Test
  void aFailureBudgetEndsTheJobAndKeepsWhatIsFinished() {
    String code = "def f(x):\n    if x % 2: raise ValueError(x)\n    return x";
    var stopped =
        service.job().python(code).range(100_000).maxFailures(10).onError("stop").chunk(10).run();
    assertThat(stopped).hasState(FAILED).hasStopReason("maxFailures").hasSkippedMoreThan(90_000);
    assertThat(service.job().python(code).inputs(1, 2, 4).maxFailures(1).run()).hasState(SUCCEEDED);
  }

  private static JobBuilder gated(Service service, Path gate) {
    return service.job().python(GATED.formatted(Service.quote(gate.toString()))).range(600);
  }

  /** All results are there, in order, each the double of its input. */
  private static void assertWhole(FinishedJob job, int items) {
    assertThat(job)
        .hasState(SUCCEEDED)
        .hasResults(LongStream.range(0, items).map(i -> 2 * i).boxed().toList());
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
