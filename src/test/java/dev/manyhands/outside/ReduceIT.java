package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One result of many, and jobs that end when they know enough. */
@RunningService
@Isolated("compares times")
class ReduceIT {
  private final Service service;

  ReduceIT(Service service) {
    this.service = service;
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
    var inWorker =
        service.job().python("def f(x): return " + expression).range(10_000).reduce(reduce).run();
    assertThat(inWorker).hasResult(expected);
    String loop =
        """
        import sys, json
        for line in sys.stdin:
          x = json.loads(line)
          print(json.dumps(%s), flush=True)
        """
            .formatted(expression);
    var inService = service.job().command("python3", "-c", loop).range(10_000).reduce(reduce).run();
    assertThat(inService).hasResult(expected);
  }

  @Test
  void aSumOfFloatsDoesNotDependOnTheChunking() {
    String code =
        "import random\n"
            + "def f(x): return random.Random(x).uniform(-1, 1) * 10 **"
            + " random.Random(x).randint(-20, 20)";
    var one = sumOfFloats(code).workers(1).run();
    var many = sumOfFloats(code).chunk(7).order("shuffled").run();
    var threads = sumOfFloats(code).threads(3).run();
    assertThat(many.result()).isEqualTo(one.result()).isEqualTo(threads.result());
  }

  private JobBuilder sumOfFloats(String code) {
    return service.job().python(code).range(2_000).reduce("sum");
  }

  @Test
  void builtInJavaFunctionsCombineInTheirWorkersToo() {
    var job = service.job().named("check_prime").range(100_000).reduce("sum").run();
    assertThat(job).hasResult(9592);
    assertThat(job.page().get("results").size()).isZero();
    assertThat(job.get("chunkSizes").get("chunks").has("ALONE"))
        .as("a worker was taken for broken")
        .isFalse();
  }

  @Test
  void whatCannotBeCombinedCostsOnlyItself() {
    var job =
        service
            .job()
            .python("def f(x): return 'no number' if x == 50 else 1 // (x - 70) * 0 + 1")
            .range(100)
            .reduce("sum")
            .run();
    assertThat(job)
        .hasState(FAILED)
        .hasResult(98)
        .hasErrors(2)
        .hasErrorAt(50, "NotCombinable")
        .hasErrorAt(70, "ZeroDivisionError");
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
    var job = service.job().python(code).range(1000).reduce("find").chunk(100).run();
    assertThat(job).hasState(SUCCEEDED).hasStopReason("find").hasSkippedMoreThan(900);
    assertThat(job.result().get("index").longValue()).isEqualTo(3);
    double found = job.result().get("value").get("at").doubleValue();
    var ended = Instant.parse(job.get("finishedAt").stringValue());
    assertThat(Duration.between(Instant.ofEpochMilli((long) (found * 1000)), ended))
        .as("before any of the other items can end")
        .isLessThan(Duration.ofSeconds(15));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"truthy": 5} | x % 10 == 0
          {"falsy": 3} | x % 10 != 0
          {"equals": [1, "é", {"a": 2.0}]} | [1, 'é', {'a': 2}] if x == 30 else True
          """)
  void stopWhenKeepsWhatIsFinished(String condition, String expression) {
    String code = "import time\ndef f(x):\n  time.sleep(0.002)\n  return " + expression;
    var job =
        service.job().python(code).range(100_000).optionAsWritten("stopWhen", condition).run();
    assertThat(job)
        .hasState(SUCCEEDED)
        .hasStopReason("stopWhen")
        .hasSkippedMoreThan(50_000)
        .hasDone(100_000);
  }

  /**
   * Long numbers are read by threads for which no other job waits. Their items pause in between, so
   * that processors are free for others, and only waiting shows.
   */
  @Test
  void longNumbersOfOneJobDoNotHoldUpAnother() {
    String loop =
        """
        import sys, time
        for line in sys.stdin:
          time.sleep(0.3)
          print('7' * 400000, flush=True)
        """;
    var reducing =
        service.job().command("python3", "-c", loop).range(1_000).reduce("sum").workers(1);
    timeOfOneItem(); // starts the worker
    var ratios = new ArrayList<Double>();
    for (int turn = 0; turn < 3; turn++) {
      var job = reducing.submit();
      job.awaitDone(6);
      long beside = medianTimeOfOneItem();
      job.cancelled();
      ratios.add((double) beside / medianTimeOfOneItem());
    }
    // Other programs may disturb a turn. A scheduler that parses such numbers is slow in each.
    assertThat(Collections.min(ratios)).as("beside the job, of alone: %s", ratios).isLessThan(2);
  }

  private long medianTimeOfOneItem() {
    return Stream.generate(this::timeOfOneItem)
        .limit(20)
        .sorted()
        .skip(10)
        .findFirst()
        .orElseThrow();
  }

  private long timeOfOneItem() {
    long began = System.nanoTime();
    service.job().python("def f(x): return x").inputs(1).run();
    return System.nanoTime() - began;
  }

  @Test
  void aDivisorStopsTheSearchEverywhere() {
    // 1,000,003 times 1,000,000,007
    var composite = searchForDivisor(1_000_003_007_000_021L, 31_622_824);
    assertThat(composite.result().get("value").longValue()).isEqualTo(1_000_003);
    assertThat(composite).hasSkippedMoreThan(0);
    assertThat(searchForDivisor(1_000_000_007, 31_624)).hasResult("null");
  }

  private FinishedJob searchForDivisor(long number, long stop) {
    return service
        .job()
        .named("check_prime_range")
        .common(Map.of("n", number, "size", 100_000))
        .range(2, stop, 100_000)
        .reduce("find")
        .run();
  }
}
