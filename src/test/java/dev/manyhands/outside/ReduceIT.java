package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** One result of many, and jobs that end when they know enough. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Isolated("compares times")
class ReduceIT {
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

  /**
   * Reductions in Python (combined in the worker) and by lines (combined by the service) have equal
   * results.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sum | x | 49995000",
        "sum | x * 0.1 | 4999500.0",
        "sum | 10 ** 30 | 10000000000000000000000000000000000",
        "sum | x % 2 == 0 | 5000",
        "mean | x | 4999.5",
        "min | abs(x - 5000) | 0",
        "max | x * 1.5 | 14998.5",
        "count | str(x) | 10000",
        "any | False | false",
        "all | x + 1 | true",
        "find | x - x | null"
      })
  void everyReductionWhoeverCombines(String reduce, String expression, String expected) {
    String more = "\"reduce\": \"" + reduce + "\"";
    var inWorker = service.run(python("def f(x): return " + expression, range(10_000), more));
    assertThat(inWorker.get("result").toString()).isEqualTo(expected);
    String loop =
        "import sys, json\\nfor line in sys.stdin:\\n  x = json.loads(line)\\n  print(json.dumps("
            + expression
            + "), flush=True)";
    String command =
        "{\"function\": {\"runtime\": \"command\", \"command\": [\"python3\", \"-c\", \"%s\"]}, \"inputs\": %s, %s}"
            .formatted(loop, range(10_000), more);
    assertThat(service.run(command).get("result").toString()).isEqualTo(expected);
  }

  @Test
  void aSumOfFloatsDoesNotDependOnTheChunking() {
    String code =
        "import random\n"
            + "def f(x): return random.Random(x).uniform(-1, 1) * 10 **"
            + " random.Random(x).randint(-20, 20)";
    var one = service.run(python(code, range(2_000), "\"reduce\": \"sum\"", "\"workers\": 1"));
    var many =
        service.run(
            python(
                code,
                range(2_000),
                "\"reduce\": \"sum\"",
                "\"chunking\": {\"size\": 7, \"order\": \"shuffled\"}"));
    var threads = service.run(python(code, range(2_000), "\"reduce\": \"sum\"", "\"threads\": 3"));
    assertThat(many.get("result")).isEqualTo(one.get("result")).isEqualTo(threads.get("result"));
  }

  @Test
  void builtInJavaFunctionsCombineInTheirWorkersToo() {
    var job =
        service.run(
            "{\"function\": \"check_prime\", \"inputs\": {\"range\": {\"stop\": 100000}},"
                + " \"reduce\": \"sum\"}");
    assertThat(job.get("result").longValue()).isEqualTo(9592);
    assertThat(page(job).get("results").size()).isZero();
    assertThat(job.get("chunkSizes").get("chunks").has("ALONE"))
        .as("a worker was taken for broken")
        .isFalse();
  }

  @Test
  void whatCannotBeCombinedCostsOnlyItself() {
    var job =
        service.run(
            python(
                "def f(x): return 'no number' if x == 50 else 1 // (x - 70) * 0 + 1",
                range(100),
                "\"reduce\": \"sum\""));
    assertThat(job.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(job.get("result").longValue()).isEqualTo(98);
    var errors = page(job).get("errors");
    assertThat(errors.size()).isEqualTo(2);
    assertThat(errors.get(0).get("type").stringValue()).isEqualTo("NotCombinable");
    assertThat(errors.get(1).get("type").stringValue()).isEqualTo("ZeroDivisionError");
  }

  @Test
  void findEndsTheJobSoonAndSkipsTheRest() {
    String code =
        """
        import time
        def f(x):
            if x == 3: return {"at": time.time()}
            time.sleep(20 if x > 3 else 0)
        """;
    var job =
        service.run(
            python(code, range(1000), "\"reduce\": \"find\"", "\"chunking\": {\"size\": 100}"));
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(job.get("stopReason").stringValue()).isEqualTo("find");
    assertThat(job.get("result").get("index").longValue()).isEqualTo(3);
    assertThat(job.get("items").get("skipped").longValue()).isGreaterThan(900);
    double found = job.get("result").get("value").get("at").doubleValue();
    var ended = Instant.parse(job.get("finishedAt").stringValue());
    assertThat(Duration.between(Instant.ofEpochMilli((long) (found * 1000)), ended))
        .as("before any of the other items can end")
        .isLessThan(Duration.ofSeconds(15));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"truthy\": 5} | x % 10 == 0",
        "{\"falsy\": 3} | x % 10 != 0",
        "{\"equals\": [1, \"é\", {\"a\": 2.0}]} | [1, 'é', {'a': 2}] if x == 30 else True"
      })
  void stopWhenKeepsWhatIsFinished(String condition, String expression) {
    String code = "import time\ndef f(x):\n  time.sleep(0.002)\n  return " + expression;
    var job = service.run(python(code, range(100_000), "\"stopWhen\": " + condition));
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(job.get("stopReason").stringValue()).isEqualTo("stopWhen");
    assertThat(job.get("items").get("skipped").longValue()).isGreaterThan(50_000);
    assertThat(job.get("items").get("done").longValue()).isEqualTo(100_000);
  }

  /**
   * Long numbers are read by threads for which no other job waits. Their items pause in between, so
   * that processors are free for others, and only waiting shows.
   */
  @Test
  void longNumbersOfOneJobDoNotHoldUpAnother() {
    String loop =
        "import sys, time\\nfor line in sys.stdin:\\n"
            + "  time.sleep(0.3)\\n"
            + "  print('7' * 400000, flush=True)";
    String reducing =
        "{\"function\": {\"runtime\": \"command\", \"command\": [\"python3\", \"-c\", \"%s\"]}, \"inputs\": %s, \"reduce\": \"sum\", \"workers\": 1}"
            .formatted(loop, range(1_000));
    timeOfOneItem(); // starts the worker
    var alone = new ArrayList<Long>();
    var beside = new ArrayList<Long>();
    for (int turn = 0; turn < 3; turn++) {
      String id = service.submit(reducing);
      awaitDone(id, 6);
      for (int i = 0; i < 20; i++) {
        beside.add(timeOfOneItem());
      }
      service.cancelled(id);
      for (int i = 0; i < 20; i++) {
        alone.add(timeOfOneItem());
      }
    }
    assertThat(median(beside)).as("nanoseconds; alone: %s", alone).isLessThan(2 * median(alone));
  }

  private long timeOfOneItem() {
    long began = System.nanoTime();
    service.run(python("def f(x): return x", "[1]"));
    return System.nanoTime() - began;
  }

  private void awaitDone(String id, int items) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() ->
            service.get("/api/v1/jobs/" + id).json().get("items").get("done").intValue() >= items);
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
  }

  @Test
  void aDivisorStopsTheSearchEverywhere() {
    // 1,000,003 times 1,000,000,007
    String composite =
        "{\"function\": \"check_prime_range\", \"common\": {\"n\": 1000003007000021, \"size\":"
            + " 100000}, \"inputs\": {\"range\": {\"start\": 2, \"stop\": 31622824, \"step\":"
            + " 100000}}, \"reduce\": \"find\"}";
    var job = service.run(composite);
    assertThat(job.get("result").get("value").longValue()).isEqualTo(1_000_003);
    assertThat(job.get("items").get("skipped").longValue()).isPositive();
    var prime =
        service.run(
            composite.replace("1000003007000021", "1000000007").replace("31622824", "31624"));
    assertThat(prime.get("result").isNull()).isTrue();
  }

  private static String range(int stop) {
    return "{\"range\": {\"stop\": " + stop + "}}";
  }

  private JsonNode page(JsonNode job) {
    return service.get("/api/v1/jobs/" + job.get("id").stringValue() + "/results").json();
  }
}
