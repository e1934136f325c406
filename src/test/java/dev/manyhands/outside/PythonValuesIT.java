package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Jobs with {@code "values": "python"}: the service carries envelopes and opens none. */
@RunningService
class PythonValuesIT {
  private static final String JOBS = "/api/v1/jobs/";
  private static final Map<String, String> TUPLE = Map.of("p", "gARLAUsChpQu"); // (1, 2)

  /** Prints when it is opened, and is then 1. */
  private static final Map<String, String> TRAP =
      Map.of("p", "Y2J1aWx0aW5zCnByaW50CihWb3BlbmVkCnRSMEsBLg==");

  private final Service service;

  PythonValuesIT(Service service) {
    this.service = service;
  }

  private JobBuilder job(String code) {
    return service.job().python(code).option("values", "python");
  }

  private List<String> lines(String id) {
    var request = service.request(JOBS + id + "/results?follow=true");
    return service
        .send(request.header("Accept", "application/x-ndjson").GET())
        .body()
        .lines()
        .toList();
  }

  @Test
  void valuesOfAnyTypeGoThereAndBack() {
    var job =
        job("def f(x, k): return x if type(x) is not tuple else (x, k)")
            .common(Map.of("k", TUPLE))
            .inputs(1, "é", TUPLE)
            .run();
    assertThat(job).hasState(SUCCEEDED);
    assertThat(job.get("values").stringValue()).isEqualTo("python");
    List<JsonNode> results = job.results();
    assertThat(results.get(0).intValue()).isEqualTo(1);
    assertThat(results.get(1).stringValue()).isEqualTo("é");
    assertThat(results.get(2).get("s").stringValue()).isEqualTo("<tuple of 2>");
    assertThat(job.item(2).get("input").get("p").stringValue()).isEqualTo(TUPLE.get("p"));

    JsonNode request = service.get(JOBS + job.id() + "/request").json();
    assertThat(request.get("values").stringValue()).isEqualTo("python");
    var again = service.run(request.toString());
    assertThat(again.get("state").stringValue()).isEqualTo("SUCCEEDED");
  }

  @Test
  void onlyTheWorkerOpensEnvelopes() {
    var job = job("def f(x): return x").inputs(TRAP, TRAP).run();
    assertThat(job).hasState(SUCCEEDED).hasResults("1", "1");
    String log = service.get(JOBS + job.id() + "/log").body();
    assertThat(log.lines().filter(line -> line.contains("opened"))).hasSize(2);
  }

  @Test
  void errorsCarryTheExceptionInLinesAndItemsAndInPagesIfAsked() {
    var job = job("def f(x): return 1 // x").inputs(1, 0).run();
    assertThat(job).hasState(FAILED);
    assertThat(lines(job.id()).get(1)).contains("\"type\":\"ZeroDivisionError\"", "\"data\":\"gA");
    assertThat(job.item(1).get("error").get("data").stringValue()).startsWith("gA");
    assertThat(job.errorAt(1).has("data")).isFalse();
    for (String page : List.of("/results", "/items")) {
      assertThat(service.get(JOBS + job.id() + page).body()).doesNotContain("\"data\":");
      assertThat(service.get(JOBS + job.id() + page + "?data=true").body())
          .contains("\"data\":\"gA");
    }
    assertThat(service.get(JOBS + job.id() + "/errors").body()).doesNotContain("\"data\":");

    var plain = service.job().python("def f(x): return 1 // x").inputs(1, 0).run();
    assertThat(lines(plain.id()).get(1)).contains("ZeroDivisionError").doesNotContain("\"data\"");
  }

  @Test
  void theWorkerDecidesWhatIsTrueAndWhatIsEqual() {
    String code = "def f(x): return () if x < 30 else (x,)";
    var find = job(code).range(40).workers(1).reduce("find").run(); // others may be first
    assertThat(find.result().get("index").intValue()).isEqualTo(30);
    assertThat(find.result().get("value").get("s").stringValue()).isEqualTo("(30,)");
    assertThat(job(code).range(40).reduce("all").run().result().booleanValue()).isFalse();
    assertThat(job(code).range(30).reduce("any").run().result().booleanValue()).isFalse();

    var stopped =
        job("def f(x): return (1, 2) if x == 3 else x").range(100_000).stopWhenEquals(TUPLE).run();
    assertThat(stopped).hasState(SUCCEEDED);
    assertThat(stopped.get("stopReason").stringValue()).isEqualTo("stopWhen");
    assertThat(stopped.skipped()).isPositive();
  }

  /** An item that fails at its first attempt only, and reductions that may not count it twice. */
  @Test
  void reductionsGoWithFurtherAttempts() {
    String code =
        """
        import os
        def f(x):
            tried = os.environ['TMPDIR'] + '/tried'
            if x == 7 and not os.path.exists(tried):
                open(tried, 'w').close()
                raise ValueError(x)
            return x
        """;
    var sum = job(code).range(20).workers(1).retryError(3).reduce("sum").run();
    assertThat(sum).hasState(SUCCEEDED);
    assertThat(sum.result().intValue()).isEqualTo(190);
    var all = job(code).range(1, 20).workers(1).threads(4).reduce("all").run();
    assertThat(all.result().booleanValue()).isTrue();
  }

  @Test
  void aFunctionMayComeAsAPickleWithItsModules() {
    var function =
        Map.of(
            "runtime", "python",
            "pickle", "Y3Nob3AucHJpY2UKZG91YmxlCi4=", // shop.price.double
            "label", "shop.price.double",
            "modules",
                Map.of("shop/__init__.py", "", "shop/price.py", "def double(x): return 2 * x"));
    var job = service.job().option("function", function).inputs(1, 2).run();
    assertThat(job).hasState(SUCCEEDED).hasResults("2", "4");
    assertThat(job.get("function").get("name").stringValue()).isEqualTo("shop.price.double");
    JsonNode request = service.get(JOBS + job.id() + "/request").json();
    assertThat(request.get("function").get("pickle").stringValue())
        .isEqualTo(function.get("pickle"));
    assertThat(service.run(request.toString()).get("function").get("digest"))
        .isEqualTo(job.get("function").get("digest"));

    var lost =
        service
            .job()
            .option("function", Map.of("runtime", "python", "pickle", function.get("pickle")))
            .inputs(1)
            .run();
    assertThat(lost).hasState(FAILED);
    assertThat(lost.get("error").get("message").stringValue())
        .isEqualTo("ModuleNotFoundError: No module named 'shop'");
  }

  @Test
  void rememberedValuesAreOfOneForm() {
    String code = "def f(x): return [x]";
    assertThat(service.job().python(code).cache().inputs(1).run().results().getFirst().isArray())
        .isTrue();
    for (int cached = 0; cached < 2; cached++) {
      var job = job(code).cache().inputs(1).run();
      assertThat(job.results().getFirst().get("s").stringValue()).isEqualTo("[1]");
      assertThat(job.get("items").get("cached").intValue()).isEqualTo(cached);
    }
  }

  @Test
  void resultsBecomeInputsOfJobsOfOneForm() {
    var first = job("def f(x): return (x, x + 1)").inputs(1, 2).run();
    var sums = job("def f(a, b): return a + b").starmap().results(first.id()).run();
    assertThat(sums).hasResults("3", "5");

    var refused = service.job().python("def f(x): return x").results(first.id()).post();
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.body()).contains("/inputs/results", "\\\"values\\\": \\\"python\\\"");
  }

  @Test
  void aRetryHasTheSameForm() {
    var failed = job("def f(x): return 1 // x").inputs(0, TUPLE).run();
    var retried =
        service.post(
            JOBS + failed.id() + "/retry",
            "{\"function\": {\"runtime\": \"python\", \"code\": \"def f(x): return x\"}}");
    String id = retried.json().get("id").stringValue();
    assertThat(service.await(id).get("values").stringValue()).isEqualTo("python");
    String merged = service.get(JOBS + failed.id() + "/results").body();
    assertThat(merged).contains("TypeError");
    assertThat(
            service.get(JOBS + id + "/results?merged=true").json().get("results").get(1).get("s"))
        .hasToString("\"(1, 2)\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "function": "gcd", "values": "python"               | /values          | only Python functions
          FUNCTION, "values": "pickle"                        | /values          | must be one of json, python
          FUNCTION, "values": "python", "nonFinite": "null"   | /nonFinite       | which have NaN
          FUNCTION, "values": "python", "cache": true, "reduce": "any" | /cache  | does not look into
          FUNCTION, "values": "python", "stopWhen": {"equals": [1]} | /stopWhen/equals | scalar or
          """)
  void optionsThatNeedReadableValuesAreRefused(String members, String pointer, String fault) {
    String function = "\"function\": {\"runtime\": \"python\", \"code\": \"def f(x): return x\"}";
    var answer =
        service.post(
            "/api/v1/jobs", "{\"inputs\": [1], " + members.replace("FUNCTION", function) + "}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(422);
    assertThat(answer.body()).contains("\"" + pointer + "\"", fault);
  }
}
