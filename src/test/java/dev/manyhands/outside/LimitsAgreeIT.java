package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Each value that one part of the service accepts is accepted by every part that reads it later.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitsAgreeIT {
  /** By what is special about them. */
  private static final Map<String, String> VALUES = new LinkedHashMap<>();

  static {
    for (String text :
        new String[] {
          "1",
          "-0",
          "-0.0",
          "1e400",
          "-1e400",
          "1e-400",
          "1e999999999",
          "-1e-999999999",
          "0e99999999999999999999",
          "1e99999999999999999999",
          "true",
          "null",
          "{}",
          "[]",
          "\"\"",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "\"é\"",
          "{\"\":1}",
          "{\"a\":1,\"a\":2}"
        }) {
      VALUES.put(text, text);
    }
    for (int digits : new int[] {999, 1_000, 1_001, 5_000, 400_000}) {
      VALUES.put("integer of " + digits, "7".repeat(digits));
      VALUES.put("negative integer of " + digits, "-" + "8".repeat(digits));
      VALUES.put("fraction of " + digits, "0." + "7".repeat(digits));
      VALUES.put("exponent of " + digits, "1e" + "9".repeat(digits));
    }
    for (int depth : new int[] {99, 100, 101, 499, 500, 501, 1_000, 9_999}) {
      VALUES.put("array " + depth + " deep", "[".repeat(depth) + "]".repeat(depth));
      VALUES.put("object " + depth + " deep", "{\"a\":".repeat(depth) + "1" + "}".repeat(depth));
    }
    VALUES.put("long string", "\"" + "a".repeat(1_000_000) + "\"");
    VALUES.put("long name", "{\"" + "a".repeat(100_000) + "\":1}");
    VALUES.put("long array", "[" + "1,".repeat(100_000) + "1]");
  }

  private static final List<String> NAMES = List.copyOf(VALUES.keySet());
  private static final String INDEXES = "{\"range\": {\"stop\": " + NAMES.size() + "}}";

  /** Python takes seconds to read an integer of very many digits, and as long to write it. */
  private static final List<Integer> FOR_PYTHON =
      IntStream.range(0, NAMES.size())
          .filter(i -> !NAMES.get(i).endsWith("of 400000"))
          .boxed()
          .toList();

  private static final Pattern NUMBER = Pattern.compile("-?[0-9].*|true|false");

  private Service service;

  @TempDir private static Path directory;

  @BeforeAll
  void start() throws Exception {
    Requirements.python();
    Files.write(directory.resolve("values"), VALUES.values());
    service = Service.start(Service.newDirectory());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  /** A command that answers an index with a value, as it is. */
  private String commandJob(String... more) {
    String code =
        "import sys\nvalues = open('%s').read().split('\\n')\nfor line in sys.stdin: print(values[int(line)], flush=True)"
            .formatted(directory.resolve("values"));
    return "{\"function\": {\"runtime\": \"command\", \"command\": [\"python3\", \"-c\", %s]}, \"inputs\": %s, \"maxFailures\": 1000%s}"
        .formatted(quote(code), INDEXES, more.length == 0 ? "" : ", " + String.join(", ", more));
  }

  /** Returns a job like {@link #commandJob}, with answers that name their item. */
  private String indexedJob(String... more) {
    String plain = "for line in sys.stdin: print(values[int(line)], flush=True)";
    String indexed =
        "import json\nfor line in sys.stdin:\n  asked = json.loads(line)\n"
            + "  print('{\"index\": %d, \"value\": %s}' % (asked['index'], values[asked['item']]), flush=True)";
    String job = commandJob(more);
    assertThat(job).contains(plain);
    return job.replace(plain, quote(indexed).substring(1, quote(indexed).length() - 1))
        .replace("\"runtime\": \"command\"", "\"runtime\": \"command\", \"indexed\": true");
  }

  /** A Python function that does so, as far as Python has such values. */
  private String pythonJob(String... more) {
    String code =
        "import json\nvalues = open('%s').read().split('\\n')\ndef f(i): return json.loads(values[i])"
            .formatted(directory.resolve("values"));
    var all = new ArrayList<>(List.of("\"maxFailures\": 1000"));
    all.addAll(List.of(more));
    return python(code, FOR_PYTHON.toString(), all.toArray(String[]::new));
  }

  private JsonNode succeeded(String job) {
    var ended = service.run(job);
    assertThat(ended.get("state").stringValue()).as("%s", ended).isEqualTo("SUCCEEDED");
    return ended;
  }

  private static String id(JsonNode job) {
    return job.get("id").stringValue();
  }

  private String results(String id, String query) {
    var answer = service.get("/api/v1/jobs/" + id + "/results?limit=1000" + query);
    assertThat(answer.status()).isEqualTo(200);
    return answer.body();
  }

  /**
   * Returns the failed items without the values, because the values may be more than a client's
   * parser accepts.
   */
  private List<JsonNode> errors(JsonNode job) {
    String body = results(id(job), "");
    var errors = new ArrayList<JsonNode>();
    Service.json("{" + body.substring(body.lastIndexOf("\"errors\":")))
        .get("errors")
        .forEach(errors::add);
    return errors;
  }

  private void assertAllThere(String body) {
    VALUES.forEach((name, value) -> assertThat(body.contains(value)).as(name).isTrue());
  }

  @Test
  void everyReaderOfResultsGivesThemAsTheyCame() throws Exception {
    var job = succeeded(commandJob());
    assertThat(job.get("items").get("failed").intValue()).isZero();
    String id = id(job);
    String page = results(id, "");
    assertThat(page).contains(String.join(",", VALUES.values()));
    for (String order : new String[] {"", "?order=completion"}) {
      var lines =
          service.send(
              service
                  .request("/api/v1/jobs/" + id + "/results" + order)
                  .header("Accept", "application/x-ndjson"));
      assertThat(lines.body()).contains("{\"end\":");
      assertAllThere(lines.body());
    }
    for (int i = 0; i < NAMES.size(); i++) {
      var item = service.get("/api/v1/jobs/" + id + "/items/" + i);
      assertThat(item.status()).as(NAMES.get(i)).isEqualTo(200);
      assertThat(item.body().contains(VALUES.get(NAMES.get(i)))).as(NAMES.get(i)).isTrue();
    }
    assertThat(service.get("/api/v1/jobs?limit=1000").body()).contains(id);
    String cat =
        "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\":"
            + " {\"results\": \"%s\"}}";
    var copied = succeeded(cat.formatted(id));
    assertThat(results(id(copied), "")).contains(String.join(",", VALUES.values()));
    service.terminate();
    service = service.again();
    assertThat(results(id, "")).isEqualTo(page);
  }

  @ParameterizedTest
  @ValueSource(strings = {"31337", "\"x\"", "[[[1]]]", "{\"a\":{\"a\":2}}", "1e-398", "null"})
  void anyResultCanBeCompared(String wanted) {
    String stop = "\"stopWhen\": {\"equals\": " + wanted + "}";
    for (String more : new String[] {"\"reduce\": \"list\"", "\"reduce\": \"count\""}) {
      var job = succeeded(commandJob(stop, more));
      assertThat(job.get("items").get("failed").intValue()).as("%s", job).isZero();
      assertThat(job.get("stopReason").isNull()).isEqualTo(!wanted.equals("null"));
      var inPython = succeeded(pythonJob(stop, more));
      assertThat(errors(inPython)).noneMatch(error -> isCrash(error));
    }
  }

  /**
   * Runs a reducing job. A sum of long integers and of fractions is no double, which the job
   * reports.
   */
  private JsonNode reduced(String job, String reduce) {
    if (!List.of("sum", "mean").contains(reduce)) {
      return succeeded(job);
    }
    var ended = service.run(job);
    assertThat(ended.get("state").stringValue()).as("%s", ended).isEqualTo("FAILED");
    assertThat(ended.get("stopReason").stringValue()).isEqualTo("notReduced");
    assertThat(ended.at("/error/message").stringValue()).contains("beyond the doubles");
    return ended;
  }

  private static boolean isCrash(JsonNode error) {
    return error.get("kind").stringValue().equals("CRASH");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sum", "mean", "min", "max", "count", "any", "all", "find"})
  void everyReductionTakesAnyResult(String reduce) {
    var job = reduced(commandJob("\"reduce\": \"" + reduce + "\""), reduce);
    boolean numbers = List.of("sum", "mean", "min", "max").contains(reduce);
    for (JsonNode error : errors(job)) {
      String value = VALUES.get(NAMES.get(error.get("index").intValue()));
      assertThat(error.get("type").stringValue()).as("%s", error).isEqualTo("NotCombinable");
      boolean isTooLarge = value.contains("e") && !value.contains("e-");
      assertThat(numbers && (isTooLarge || !NUMBER.matcher(value).matches()))
          .as("%s", error)
          .isTrue();
    }
    var inPython = reduced(pythonJob("\"reduce\": \"" + reduce + "\""), reduce);
    assertThat(errors(inPython)).noneMatch(error -> isCrash(error));
    if (numbers) {
      var again =
          service.post("/api/v1/jobs/" + id(job) + "/retry", "{\"only\": \"failed\"}").json();
      var retried = service.await(id(again));
      assertThat(errors(retried)).hasSameSizeAs(errors(job));
      assertThat(errors(retried)).noneMatch(error -> isCrash(error));
    }
  }

  @Test
  void anyResultCanBeRemembered() {
    String cached = indexedJob("\"cache\": true");
    var first = succeeded(cached);
    var second = succeeded(cached);
    assertThat(second.get("items").get("cached").intValue()).isPositive();
    for (var job : List.of(first, second)) {
      assertThat(results(id(job), "")).contains(String.join(",", VALUES.values()));
    }
    var reduced = reduced(indexedJob("\"cache\": true", "\"reduce\": \"sum\""), "sum");
    assertThat(errors(reduced)).noneMatch(error -> isCrash(error));
  }

  /** As inputs they are refused, or run: by a command as they are, by Python as far as it goes. */
  @Test
  void aValueThatIsAcceptedAsInputRuns() {
    VALUES.forEach((name, value) -> {
      String command =
          "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\": ["
              + value
              + "]}";
      var answer = service.post("/api/v1/jobs", command);
      assertThat(answer.status()).as(name).isIn(202, 400, 413, 422);
      if (answer.status() == 202) {
        var job = service.await(id(answer.json()));
        assertThat(job.get("state").stringValue()).as(name).isEqualTo("SUCCEEDED");
        assertThat(results(id(job), "").contains(value)).as(name).isTrue();
        var inPython =
            service.run(python("def f(x): return x", "[" + value + "]", "\"maxFailures\": 1"));
        assertThat(errors(inPython)).as(name).noneMatch(error -> isCrash(error));
      }
    });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "name": "%s"                                  | 200
          "name": "%s"                                  | 201
          "labels": {"%s": "a"}                         | 63
          "labels": {"%s": "a"}                         | 64
          "labels": {"a": "%s"}                         | 63
          "labels": {"a": "%s"}                         | 256
          "common": {"a": "%s"}                         | 1000000
          "common": {"%s": 1}                           | 60000
          "ttl": 31536000                               | 1
          "ttl": 1e999999999                            | 1
          "timeouts": {"item": 1e-9}                    | 1
          "timeouts": {"item": 31536000, "job": 31536000} | 1
          "timeouts": {"job": 1e300}                    | 1
          "retry": {"crash": 2147483647}                | 1
          "retry": {"error": 9223372036854775807}       | 1
          "seed": -9223372036854775808                  | 1
          "seed": 9223372036854775808                   | 1
          "maxFailures": 9223372036854775807            | 1
          "maxFailures": "99.999999%%"                  | 1
          "memory": "32MiB"                             | 1
          "priority": 9                                 | 1
          "threads": 496                                | 1
          "workers": 2147483647                         | 1
          "chunking": {"size": 9223372036854775807}     | 1
          "chunking": {"count": 9223372036854775807}    | 1
          "stopWhen": {"equals": 1e400}                 | 1
          "stopWhen": {"equals": -1E+999999999}         | 1
          "stopWhen": {"equals": "\\ud800"}             | 1
          "stopWhen": {"truthy": 9223372036854775807}   | 1
          """)
  void anOptionThatIsAcceptedIsRead(String option, int length) {
    String more = option.formatted("n".repeat(length));
    var answer = service.post("/api/v1/jobs", python("def f(x, **more): return x", "[1, 2]", more));
    assertThat(answer.status()).as("%s", answer).isIn(202, 400, 413, 422);
    if (answer.status() == 202) {
      assertReadable(id(answer.json()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"range\": {\"start\": 9223372036854775806, \"stop\": 9223372036854775807}}",
        "{\"range\": {\"start\": -9223372036854775808, \"stop\": -9223372036854775806}}",
        "{\"range\": {\"start\": -9223372036854775808, \"stop\": 9223372036854775807, \"step\":"
            + " 9223372036854775807}}",
        "{\"range\": {\"start\": 1, \"stop\": -1, \"step\": -1}}",
        "{\"range\": {\"start\": 0, \"stop\": 9223372036854775807}}",
        "{\"range\": {\"stop\": 0}}",
        "[]",
      })
  void aRangeThatIsAcceptedIsRead(String inputs) {
    var answer = service.post("/api/v1/jobs", python("def f(x): return x", inputs));
    assertThat(answer.status()).as("%s", answer).isIn(202, 400, 413, 422);
    if (answer.status() == 202) {
      assertReadable(id(answer.json()));
    }
  }

  private void assertReadable(String id) {
    assertThat(service.await(id).get("state").stringValue()).isIn("SUCCEEDED", "FAILED");
    String at = "/api/v1/jobs/" + id;
    for (String path :
        List.of(at, at + "/results", at + "/items/0", at + "/report", at + "/timeline")) {
      // 404: there is no such item. 409: a job of which nothing ran has nothing to report.
      assertThat(service.get(path).status()).as(path).isIn(200, 404, 409);
    }
    assertThat(service.get("/api/v1/jobs").status()).isEqualTo(200);
    assertThat(service.log()).doesNotContain("Protocol", "a state it does not know");
  }
}
