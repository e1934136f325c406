package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * A function costs its own items at most, at each level of the sandbox and as each user. One
 * service for each level.
 */
@ParameterizedClass
@EnumSource
class OnEachLevelIT extends OnALevel {
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
    var job = service.job().python(code).range(12).chunk(12).retryCrash(1).maxFailures(12).run();
    assertThat(job).hasFailed(1);
    assertThat(job.errors().getFirst().get("index").intValue()).isEqualTo(7);
  }

  /** The process that the last item leaves behind has a session of its own. */
  @Test
  void itemsThatDieOrHangCostThemselvesAndLeaveNothing() {
    String code =
        """
        import os, signal, subprocess, sys, time
        def f(x):
            if x == 3: os._exit(7)
            if x == 6: os.kill(os.getpid(), signal.SIGSEGV)
            if x == 9:
                subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)", MARK],
                    start_new_session=True)
                time.sleep(3600)
            return x
        """;
    String mark = "left-behind-" + service.pid();
    var job =
        service
            .job()
            .python("MARK = '" + mark + "'\n" + code)
            .range(12)
            .retryCrash(1)
            .retryTimeout(1)
            .itemTimeout(2)
            .maxFailures(3)
            .run();
    assertThat(job)
        .hasSucceeded(9)
        .hasErrors(3)
        .hasErrorAt(3, "exit 7")
        .hasErrorAt(6, "SIGSEGV")
        .hasErrorAt(9, "Timeout");
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !runsWith(mark));
    assertBothSlotsAreThere();
  }

  /** The service must not look at each of them while others wait for it. */
  @Test
  void aLateItemThatGoesOnForkingHoldsUpNobody() {
    String code =
        """
        import os, signal, time
        def f(x):
            children = 0
            while True:
                if os.fork() == 0:
                    while True: signal.pause()
                children += 1
                if children > 400: time.sleep(0.005)
        """;
    var forking = service.job().python(code).inputs(1).retryTimeout(1).itemTimeout(4).submit();
    while (Set.of(JobState.QUEUED, JobState.RUNNING).contains(forking.state())) {
      assertThat(service.job().python("def f(x): return x").inputs(1).run()).hasState(SUCCEEDED);
    }
    var late = forking.await();
    assertThat(late).hasErrorAt(0, "Timeout");
    assertThat(late.get("elapsedSeconds").doubleValue()).as("%s", late).isLessThan(20);
    assertBothSlotsAreThere();
  }

  private static boolean runsWith(String argument) {
    return ProcessHandle.allProcesses()
        .anyMatch(each -> each.info().commandLine().orElse("").contains(argument));
  }

  @Test
  void resultsThatHaveNoRoomCostNoSlot() {
    int limit = service.get("/api/v1/limits").json().get("maxResultBytes").intValue();
    var job =
        service
            .job()
            .python("def f(x): return 'x' * x")
            .inputs(limit - 2, limit, 1, limit * 2, limit - 2)
            .chunk(1)
            .maxFailures(2)
            .run();
    assertThat(job).hasSucceeded(3).hasErrors(2);
    assertThat(job).hasErrorKindAt(1, "UNSERIALIZABLE").hasErrorKindAt(3, "UNSERIALIZABLE");
    assertBothSlotsAreThere();
  }

  /** Two items that run at one time, each in a worker of its own. */
  private void assertBothSlotsAreThere() {
    String code =
        """
        import time
        def f(x):
            end = time.time() + 0.3
            while time.time() < end: pass
            return x
        """;
    var job = service.job().python(code).range(2).chunk(1).run();
    assertThat(job).hasState(SUCCEEDED);
    assertThat(job.get("workersUsed").intValue()).isEqualTo(2);
    assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
  }

  @Test
  void longNumbersAreReducedBesideTheJobsOfOthers() {
    String loop = "import sys\nfor line in sys.stdin: print('7' * 400000, flush=True)";
    var reducing =
        service.job().command("python3", "-c", loop).range(40).reduce("max").workers(1).submit();
    for (int i = 0; i < 3; i++) {
      assertThat(service.job().python("def f(x): return x + 1").inputs(i).run())
          .hasState(SUCCEEDED);
    }
    assertThat(reducing.await()).hasState(SUCCEEDED).hasSucceeded(40);
  }

  @Test
  void anyResultCanBeCompared() {
    String values = "{1: 10 ** 1200, 2: eval('[' * 90 + ']' * 90), 3: 'x' * 100000, 4: 4}";
    var nested =
        "def f(x):\n  v = "
            + values
            + "[x]\n  for i in range(500):\n    if x == 2: v = [v]\n  return v";
    var job =
        service
            .job()
            .python(nested)
            .inputs(1, 2, 3, 4)
            .chunk(1)
            .workers(1)
            .optionAsWritten("stopWhen", "{\"equals\": 4}")
            .run();
    assertThat(job).hasState(SUCCEEDED).hasSucceeded(4).hasStopReason("stopWhen");
  }

  @Test
  void nobodyFeedsAJobWhoseInputsAreAnothersResults() {
    String first =
        service
            .job()
            .python("import time\ndef f(x):\n  time.sleep(1)\n  return x")
            .inputs(1, 2)
            .submit()
            .id();
    var fed =
        service
            .job()
            .python("def f(x): return 10 * x")
            .inputsAsWritten("{\"results\": \"" + first + "\"}")
            .submit();
    String at = "/api/v1/jobs/" + fed.id();
    var append =
        service.send(
            service
                .request(at + "/inputs")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString("7\n")));
    assertThat(append.status()).isEqualTo(409);
    assertThat(service.post(at + "/close", "").status()).isEqualTo(409);
    var results = fed.await();
    assertThat(results).hasState(SUCCEEDED);
    assertThat(results.results().toString()).isEqualTo("[10, 20]");
  }

  @Test
  void knownItemsAmongOthersAreTakenFromMemory() {
    String code = "def f(x, k): return x + k";
    var common = Map.of("k", level.ordinal());
    var known = service.job().python(code).common(common).cache().range(0, 400, 2).run();
    assertThat(known).hasState(SUCCEEDED);
    var all = service.job().python(code).common(common).cache().range(400).run();
    assertThat(all).hasState(SUCCEEDED);
    assertThat(all.get("items").get("cached").intValue()).isEqualTo(200);
    JsonNode results = all.page().get("results");
    for (int i = 0; i < 400; i++) {
      assertThat(results.get(i).intValue()).isEqualTo(i + level.ordinal());
    }
  }
}
