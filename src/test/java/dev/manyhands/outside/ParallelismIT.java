package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Workers, threads, and which items go first. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Isolated("compares times")
class ParallelismIT {
  private static final String WAITS =
      """
      import time
      def f(x):
          time.sleep(0.05)
          return x * 2
      """;
  private static final String COMPUTES =
      """
      def f(x):
          n = 0
          for i in range(400_000): n += i
          return x * 2
      """;

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
  void threadsHelpItemsThatWait() {
    var alone = withThreads(1, WAITS, 40);
    var together = withThreads(8, WAITS, 80);
    assertThat(speedup(alone)).isBetween(0.3, 1.1);
    assertThat(speedup(together)).isGreaterThan(3 * speedup(alone)).isLessThan(8.5);
  }

  /**
   * The margins are wide: a thread cannot distinguish waits for other programs from other waits.
   */
  @Test
  void threadsDoNotHelpPythonThatComputesAndTheJobShowsIt() {
    var alone = withThreads(1, COMPUTES, 60);
    var together = withThreads(8, COMPUTES, 60);
    assertThat(speedup(alone)).isBetween(0.3, 1.1);
    assertThat(speedup(together)).isBetween(0.3, 4.0);
    assertThat(elapsed(alone) / elapsed(together)).isLessThan(3);
  }

  private JsonNode withThreads(int threads, String code, int items) {
    String more = "\"workers\": 1, \"threads\": " + threads;
    var job = service.run(python(code, range(items), more));
    assertDoubled(job, items);
    assertThat(job.get("workersUsed").intValue()).isEqualTo(1);
    return job;
  }

  private static double speedup(JsonNode job) {
    return job.get("speedup").doubleValue();
  }

  private static double elapsed(JsonNode job) {
    return job.get("elapsedSeconds").doubleValue();
  }

  @Test
  void workersAndThreadsTogether() {
    var job = service.run(python(WAITS, range(100), "\"workers\": 2, \"threads\": 5"));
    assertDoubled(job, 100);
    assertThat(job.get("workersUsed").intValue()).isEqualTo(2);
  }

  @Test
  void javaFunctionsHaveThreadsToo() {
    String spec =
        "{\"function\": \"io_heavy\", \"inputs\": {\"repeat\": {\"value\": 0.05, \"times\": 60}},"
            + " \"workers\": 1, \"threads\": 6}";
    var job = service.run(spec);
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(job.get("speedup").doubleValue()).isGreaterThan(2);
  }

  @Test
  void aCrashAmongThreadsCostsOneItem() {
    String code =
        """
        import os, time
        def f(x):
            time.sleep(0.01)
            if x == 33: os._exit(3)
            return x
        """;
    var job = service.run(python(code, range(100), "\"threads\": 8"));
    assertThat(job.get("items").get("succeeded").intValue()).isEqualTo(99);
    var errors = errors(job);
    assertThat(errors.get(0).get("index").intValue()).isEqualTo(33);
    assertThat(errors.get(0).get("kind").stringValue()).isEqualTo("CRASH");
    assertThat(errors.get(0).get("attempts").intValue()).isEqualTo(2);
  }

  @Test
  void aSlowItemAmongThreadsIsTheOnlyOneThatTimesOut() {
    String code =
        """
        import time
        def f(x):
            time.sleep(60 if x == 17 else 0.02)
            return x
        """;
    var job = service.run(python(code, range(60), "\"threads\": 6, \"timeouts\": {\"item\": 0.5}"));
    assertThat(job.get("items").get("succeeded").intValue()).isEqualTo(59);
    var errors = errors(job);
    assertThat(errors.get(0).get("index").intValue()).isEqualTo(17);
    assertThat(errors.get(0).get("kind").stringValue()).isEqualTo("TIMEOUT");
    assertThat(errors.get(0).get("attempts").intValue()).isEqualTo(1);
  }

  @Test
  void threadsAndSeedGiveTheSameNumbersAsOneAtATime() {
    String code = "import manyhands\ndef f(x): return [x, manyhands.rng().random()]";
    var serial = service.run(python(code, range(50), "\"workers\": 1, \"seed\": 7"));
    var threads = service.run(python(code, range(50), "\"threads\": 7, \"seed\": 7"));
    assertThat(results(threads)).isEqualTo(results(serial));
  }

  @Test
  void aCommandOfLinesTakesNoThreads() {
    var answer =
        service.post(
            "/api/v1/jobs",
            "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\": [1], \"threads\": 2}");
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
        .isEqualTo("/threads");
  }

  @ParameterizedTest
  @ValueSource(strings = {"input", "reversed", "shuffled"})
  void resultsAreInInputOrderWhateverGoesFirst(String order) {
    String code = "import time\ndef f(x):\n  time.sleep(0.001)\n  return x * 2";
    var job = service.run(python(code, range(300), "\"chunking\": {\"order\": \"" + order + "\"}"));
    assertDoubled(job, 300);
  }

  private static String range(int stop) {
    return "{\"range\": {\"stop\": " + stop + "}}";
  }

  private List<JsonNode> results(JsonNode job) {
    return service.results(job.get("id").stringValue());
  }

  private JsonNode errors(JsonNode job) {
    var page = service.get("/api/v1/jobs/" + job.get("id").stringValue() + "/results").json();
    assertThat(page.get("errors").size()).isEqualTo(1);
    return page.get("errors");
  }

  private void assertDoubled(JsonNode job, int count) {
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(results(job).stream().map(JsonNode::longValue))
        .containsExactlyElementsOf(LongStream.range(0, count).map(x -> 2 * x).boxed().toList());
  }
}
