package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The contract of each call, good and bad. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpContractIT {
  private static final String IDENTITY = "def f(x): return x";
  private static final Path CONTRACT = Path.of("src", "main", "resources", "openapi.yaml");
  private Service service;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory(), "--manyhands.limits.body=1MB");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void aSubmissionIsAcceptedWithItsPlace() {
    var answer = service.post("/api/v1/jobs", python(IDENTITY, "[1]"));
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.header("Location"))
        .isEqualTo("/api/v1/jobs/" + answer.json().get("id").stringValue());
    assertThat(answer.json().get("items").get("total").intValue()).isEqualTo(1);
  }

  @Test
  void whoPrefersToWaitGetsTheFinishedJob() {
    var answer =
        service.send(
            service
                .request("/api/v1/jobs")
                .header("Content-Type", "application/json")
                .header("Prefer", "wait=60")
                .POST(BodyPublishers.ofString(python(IDENTITY, "[7]"))));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Preference-Applied")).isEqualTo("wait=60");
    assertThat(answer.json().get("result").toString()).isEqualTo("[7]");
  }

  @Test
  void aPageEndsEarlyWhereMuchIsToBeSaidOfFailedItems() {
    String code = "def f(x): raise ValueError(str(x) + 'x' * 15000)";
    String id =
        service
            .run(python(code, "{\"range\": {\"stop\": 2000}}", "\"chunking\": {\"size\": 50}"))
            .get("id")
            .stringValue();
    int pages = 0;
    for (long next = 0; next < 2000; pages++) {
      var page = service.get("/api/v1/jobs/" + id + "/results?limit=10000&offset=" + next).json();
      var errors = page.get("errors");
      assertThat(errors.size()).isEqualTo(page.get("results").size()).isBetween(1, 1000);
      assertThat(errors.get(0).get("index").longValue()).isEqualTo(next);
      next += errors.size();
      assertThat(page.get("next").isNull() ? 2000 : page.get("next").longValue()).isEqualTo(next);
    }
    assertThat(pages).isGreaterThan(1);
  }

  /** Generated clients list all forms of an answer, the one that they read first. */
  @ParameterizedTest
  @CsvSource({
    "results,application/x-ndjson",
    "timeline,image/svg+xml",
  })
  void theFormThatIsAskedForFirstIsGiven(String part, String other) {
    String path = "/api/v1/jobs/" + service.run(python(IDENTITY, "[1]")).get("id").stringValue();
    var request = service.request(path + "/" + part).header("Accept", "application/json, " + other);
    assertThat(service.send(request).header("Content-Type")).isEqualTo("application/json");
    request = service.request(path + "/" + part).header("Accept", other + ", application/json");
    assertThat(service.send(request).header("Content-Type")).startsWith(other);
  }

  @Test
  void largeResultsAreNotInTheJob() {
    var job = service.run(python("def f(x): return 'y' * x", "[10, 20000, 9000000, 9000000]"));
    assertThat(job.has("result")).as("%s", job.get("result")).isFalse();
  }

  @Test
  void theSameKeyAndBodyIsTheSameJob() {
    String body = python(IDENTITY, "[1, 2]");
    var first = withKey("key-1", body);
    var again = withKey("key-1", body);
    assertThat(again.status()).isEqualTo(first.status()).isEqualTo(202);
    assertThat(again.json().get("id")).isEqualTo(first.json().get("id"));
    var other = withKey("key-1", python(IDENTITY, "[1, 3]"));
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.json().get("errors").get(0).get("pointer").stringValue())
        .isEqualTo("Idempotency-Key");
  }

  @Test
  void aKeyInQuotesIsTheSameKey() throws Exception {
    Path directory = Service.newDirectory();
    String body = python(IDENTITY, "[1, 2]");
    try (var own = Service.start(directory)) {
      String id = own.submit(python(IDENTITY, "{\"open\": true}"));
      var bare = withKey(own, "key-1", body);
      assertThat(withKey(own, "\"key-1\"", body).json().get("id")).isEqualTo(bare.json().get("id"));
      assertThat(withKey(own, "\"\"", body).status()).isEqualTo(400);
      for (String key : List.of("k", "\"k\"")) {
        var appended = append(own, id, key);
        assertThat(appended.json().get("items").get("total").intValue()).isEqualTo(1);
      }
      // As a version before has stored them, which knew no quotes.
      String database = "jdbc:sqlite:" + directory.resolve("data/manyhands.db");
      try (var connection = DriverManager.getConnection(database);
          var statement = connection.createStatement()) {
        statement.execute("PRAGMA busy_timeout = 10000");
        statement.execute("UPDATE idempotency SET idempotency_key = '\"key-1\"'");
        statement.execute("UPDATE append_key SET append_key = '\"k\"'");
      }
      assertThat(withKey(own, "\"key-1\"", body).json().get("id")).isEqualTo(bare.json().get("id"));
      assertThat(append(own, id, "\"k\"").json().get("items").get("total").intValue()).isEqualTo(1);
      own.post("/api/v1/jobs/" + id + "/close", "");
    }
  }

  private static Service.Answer append(Service to, String id, String key) {
    return to.send(
        to.request("/api/v1/jobs/" + id + "/inputs")
            .header("Content-Type", "application/x-ndjson")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofString("7\n")));
  }

  private Service.Answer withKey(String key, String body) {
    return withKey(service, key, body);
  }

  private static Service.Answer withKey(Service service, String key, String body) {
    return service.send(
        service
            .request("/api/v1/jobs")
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofString(body)));
  }

  @Test
  void anUnchangedJobIsNotSentTwice() {
    String id = service.run(python(IDENTITY, "[1]")).get("id").stringValue();
    var first = service.get("/api/v1/jobs/" + id);
    String tag = first.header("ETag");
    assertThat(tag).startsWith("\"");
    var second = service.send(service.request("/api/v1/jobs/" + id).header("If-None-Match", tag));
    assertThat(second.status()).isEqualTo(304);
    assertThat(second.body()).isEmpty();
  }

  @Test
  void resultsComeInPages() {
    String id =
        service.run(python(IDENTITY, "{\"range\": {\"stop\": 250}}")).get("id").stringValue();
    var page = service.get("/api/v1/jobs/" + id + "/results?offset=100&limit=100").json();
    assertThat(page.get("offset").intValue()).isEqualTo(100);
    assertThat(page.get("results")).hasSize(100);
    assertThat(page.get("results").get(0).intValue()).isEqualTo(100);
    assertThat(page.get("complete").booleanValue()).isTrue();
    assertThat(page.get("next").intValue()).isEqualTo(200);
    var last = service.get("/api/v1/jobs/" + id + "/results?offset=200&limit=100").json();
    assertThat(last.get("results")).hasSize(50);
    assertThat(last.get("next").isNull()).isTrue();
    var beyond = service.get("/api/v1/jobs/" + id + "/results?offset=1000").json();
    assertThat(beyond.get("results")).isEmpty();
  }

  @Test
  void resultsComeAsLinesWithAnEnd() {
    String code = "def f(x): return [x, 1 / x]";
    String id = service.run(python(code, "[1, 0, 2]")).get("id").stringValue();
    var answer =
        service.send(
            service
                .request("/api/v1/jobs/" + id + "/results")
                .header("Accept", "application/x-ndjson"));
    assertThat(answer.header("Content-Type")).startsWith("application/x-ndjson");
    List<JsonNode> lines = answer.body().lines().map(Service::json).toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0).toString()).isEqualTo("{\"index\":0,\"value\":[1,1.0]}");
    assertThat(lines.get(1).get("error").get("type").stringValue()).isEqualTo("ZeroDivisionError");
    assertThat(lines.get(2).get("value").get(0).intValue()).isEqualTo(2);
    assertThat(lines.get(3).get("end").get("state").stringValue()).isEqualTo("FAILED");
    assertThat(lines.get(3).get("end").get("complete").booleanValue()).isTrue();
  }

  @Test
  void resultsOfARunningJobStopBeforeWhatIsNotFinished() {
    String code = "import time\ndef f(x):\n    time.sleep(0 if x < 3 else 60)\n    return x";
    String id =
        service.submit(
            python(
                code,
                "{\"range\": {\"stop\": 6}}",
                "\"chunking\": {\"size\": 1}",
                "\"workers\": 1"));
    JsonNode page;
    do {
      page = service.get("/api/v1/jobs/" + id + "/results").json();
    } while (page.get("results").size() < 3);
    assertThat(page.get("results").toString()).isEqualTo("[0,1,2]");
    assertThat(page.get("complete").booleanValue()).isFalse();
    assertThat(page.get("next").intValue()).isEqualTo(3);
    assertThat(service.delete("/api/v1/jobs/" + id).status()).isEqualTo(409);
    assertThat(service.post("/api/v1/jobs/" + id + "/cancel", "").status()).isEqualTo(202);
    service.await(id);
    assertThat(service.delete("/api/v1/jobs/" + id).status()).isEqualTo(204);
    assertThat(service.get("/api/v1/jobs/" + id).status()).isEqualTo(404);
    assertThat(service.delete("/api/v1/jobs/" + id).status()).isEqualTo(404);
  }

  @Test
  void aDescriptionIsShownInTheJobAndInLists() {
    String id =
        service.submit(
            python(
                "def described(x): return x",
                "[1]",
                "\"description\": \"for the report of May\\nsee the wiki\""));
    String text = "for the report of May\nsee the wiki";
    assertThat(service.await(id).get("description").stringValue()).isEqualTo(text);
    JsonNode listed = service.get("/api/v1/jobs?function=described").json().get("jobs").get(0);
    assertThat(listed.get("description").stringValue()).isEqualTo(text);
  }

  @Test
  void jobsAreListedNewestFirstAndFiltered() {
    var ids = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      ids.addFirst(
          service
              .run(
                  python(
                      "def lister(x): return x",
                      "[1]",
                      "\"labels\": {\"team\": \"t" + i % 2 + "\"}"))
              .get("id")
              .stringValue());
    }
    var first = service.get("/api/v1/jobs?function=lister&limit=3").json();
    var second =
        service
            .get("/api/v1/jobs?function=lister&limit=3&cursor=" + first.get("next").stringValue())
            .json();
    var listed = new ArrayList<String>();
    first.get("jobs").forEach(job -> listed.add(job.get("id").stringValue()));
    second.get("jobs").forEach(job -> listed.add(job.get("id").stringValue()));
    assertThat(listed).isEqualTo(ids);
    assertThat(second.get("next").isNull()).isTrue();
    assertThat(service.get("/api/v1/jobs?function=lister&label=team:t1").json().get("jobs"))
        .hasSize(2);
    assertThat(service.get("/api/v1/jobs?function=lister&state=failed").json().get("jobs"))
        .isEmpty();
    assertThat(service.get("/api/v1/jobs?function=lister&state=SUCCEEDED").json().get("jobs"))
        .hasSize(5);
    assertThat(service.get("/api/v1/jobs?since=2100-01-01T00:00:00Z").json().get("jobs")).isEmpty();
  }

  @Test
  void functionsAreRegisteredInVersions() {
    String first = "{\"runtime\": \"python\", \"code\": \"def f(x): return x + 1\"}";
    String second = "{\"runtime\": \"python\", \"code\": \"def f(x): return x + 2\"}";
    var made = service.put("/api/v1/functions/adder", first);
    assertThat(made.status()).isEqualTo(201);
    String digest = made.json().get("digest").stringValue();
    assertThat(service.put("/api/v1/functions/adder", first).status()).isEqualTo(200);
    assertThat(service.put("/api/v1/functions/adder", second).status()).isEqualTo(201);
    assertThat(service.get("/api/v1/functions/adder").json().get("versions")).hasSize(2);
    assertThat(service.run("{\"function\": \"adder\", \"inputs\": [1]}").get("result").toString())
        .isEqualTo("[3]");
    String pinned = "{\"function\": \"adder@" + digest + "\", \"inputs\": [1]}";
    assertThat(service.run(pinned).get("result").toString()).isEqualTo("[2]");
    assertThat(service.delete("/api/v1/functions/adder").status()).isEqualTo(204);
    assertThat(service.get("/api/v1/functions/adder").status()).isEqualTo(404);
    assertThat(service.post("/api/v1/jobs", pinned).status()).isEqualTo(422);
    assertThat(service.put("/api/v1/functions/gcd", first).status()).isEqualTo(409);
    assertThat(service.delete("/api/v1/functions/gcd").status()).isEqualTo(409);
    var names =
        service
            .get("/api/v1/functions")
            .json()
            .get("functions")
            .valueStream()
            .map(function -> function.get("name").stringValue())
            .toList();
    assertThat(names).contains("gcd", "check_prime", "estimate_pi", "dot", "io_heavy");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ | 400 | ``",
        "[] | 400 | ``",
        "{\"function\":\"gcd\"} | 400 | /inputs",
        "{\"inputs\":[1]} | 400 | /function",
        "{\"function\":\"nope\",\"inputs\":[1]} | 422 | /function",
        "{\"function\":\"gcd\",\"inputs\":[1],\"wrokers\":1} | 400 | /wrokers",
        "{\"function\":\"gcd\",\"inputs\":[1],\"chunking\":{\"sise\":1}} | 400 | /chunking/sise",
        "{\"function\":\"gcd\",\"inputs\":[1],\"workers\":\"two\"} | 400 | /workers",
        "{\"function\":\"gcd\",\"inputs\":[1],\"workers\":0} | 422 | /workers",
        "{\"function\":\"gcd\",\"inputs\":[1],\"priority\":10} | 422 | /priority",
        "{\"function\":\"gcd\",\"inputs\":{\"range\":{\"start\":5,\"stop\":1}}} | 422 | /inputs/range",
        "{\"function\":\"gcd\",\"inputs\":{\"range\":{\"stop\":1,\"step\":0}}} | 422 | /inputs/range/step",
        "{\"function\":\"gcd\",\"inputs\":{\"range\":{\"stop\":99999999999999999999}}} | 400 | /inputs/range/stop",
        "{\"function\":\"gcd\",\"inputs\":{\"range\":{\"start\":-9223372036854775808,\"stop\":9223372036854775807}}} | 413 | /inputs",
        "{\"function\":\"gcd\",\"inputs\":{\"repeat\":{\"value\":1,\"times\":-1}}} | 422 | /inputs/repeat/times",
        "{\"function\":\"gcd\",\"inputs\":[1,2,}] | 400 | /inputs/2",
        "{\"function\":\"gcd\",\"inputs\":[1],\"inputs\":[2]} | 400 | /inputs",
        "{\"function\":{\"runtime\":\"cobol\"},\"inputs\":[1]} | 422 | /function/runtime",
        "{\"function\":{\"runtime\":\"python\"},\"inputs\":[1]} | 400 | /function/code",
        "{\"function\":{\"runtime\":\"java\",\"class\":\"a.B\",\"jar\":\"../x.jar\"},\"inputs\":[1]} | 422 | /function/jar",
        "{\"function\":{\"runtime\":\"java\",\"class\":\"a.B\",\"jar\":\"none.jar\"},\"inputs\":[1]} | 422 | /function/jar",
        "{\"function\":{\"runtime\":\"command\",\"command\":[]},\"inputs\":[1]} | 400 | /function/command",
        "{\"function\":\"gcd\",\"inputs\":[1],\"timeouts\":{\"item\":-1}} | 422 | /timeouts/item",
        "{\"function\":\"gcd\",\"inputs\":[1],\"reduce\":\"product\"} | 422 | /reduce",
        "{\"function\":\"gcd\",\"inputs\":[1],\"stopWhen\":{\"truthy\":0}} | 422 | /stopWhen/truthy",
        "{\"function\":\"gcd\",\"inputs\":[1],\"stopWhen\":{\"happy\":1}} | 400 | /stopWhen/happy",
        "{\"function\":\"gcd\",\"inputs\":[1],\"stopWhen\":true} | 400 | /stopWhen",
        "{\"function\":\"gcd\",\"inputs\":[1],\"threads\":497} | 422 | /threads",
        "{\"function\":\"gcd\",\"inputs\":[1],\"chunking\":{\"order\":\"random\"}} | 422 | /chunking/order",
        "{\"function\":\"gcd\",\"inputs\":[1],\"maxFailures\":\"101%\"} | 400 | /maxFailures",
        "{\"function\":\"gcd\",\"inputs\":[1],\"retry\":{\"error\":0}} | 422 | /retry/error",
        "{\"function\":\"gcd\",\"inputs\":[1],\"retry\":{\"backoff\":-1}} | 422 | /retry/backoff",
        "{\"function\":\"gcd\",\"inputs\":{\"results\":\"x\"}} | 400 | /inputs/results",
        "{\"function\":\"gcd\",\"inputs\":[1],\"labels\":{\"a\":1}} | 400 | /labels/a",
        "{\"function\":\"gcd\",\"inputs\":[1],\"nonFinite\":\"nan\"} | 422 | /nonFinite",
        "{\"function\":{\"runtime\":\"command\",\"command\":[\"cat\"]},\"inputs\":[1],\"nonFinite\":\"null\"} | 422 | /nonFinite",
        "{\"function\":{\"runtime\":\"command\",\"command\":[\"cat\"]},\"inputs\":[1],\"seed\":1} | 422 | /seed",
        "{\"function\":{\"runtime\":\"command\",\"command\":[\"cat\"],\"indexed\":true},\"inputs\":[1],\"seed\":1} | 422 | /seed",
        "{\"function\":{\"runtime\":\"command\",\"command\":[\"cat\"],\"protocol\":\"text\"},\"inputs\":[1],\"common\":{\"k\":1}} | 422 | /common",
        "{\"function\":\"gcd\",\"inputs\":[1],\"description\":\"\\u0007\"} | 422 | /description",
      })
  void badRequestsNameTheField(String body, int status, String pointer) {
    assertProblem(service.post("/api/v1/jobs", body), status, pointer);
  }

  @Test
  void whatIsTooDeepOrTooLargeIsRefused() {
    String deep = "[".repeat(110) + "]".repeat(110);
    assertProblem(
        service.post("/api/v1/jobs", "{\"function\":\"gcd\",\"inputs\":[1," + deep + "]}"),
        400,
        "/inputs/1");
    String large = "\"" + "x".repeat(1 << 20) + "\"";
    var answer = service.post("/api/v1/jobs", "{\"function\":\"gcd\",\"inputs\":[" + large + "]}");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.json().get("detail").stringValue()).contains("manyhands.limits.body");
  }

  private static void assertProblem(Service.Answer answer, int status, String pointer) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("type").stringValue()).startsWith("urn:manyhands:problem:");
    JsonNode error = answer.json().get("errors").get(0);
    assertThat(error.get("pointer").stringValue()).isEqualTo(pointer);
    assertThat(error.get("detail").stringValue()).isNotBlank();
    assertThat(answer.body()).doesNotContain("Exception").doesNotContain("at dev.");
  }

  @Test
  void whatIsNotThereIsAProblemToo() {
    for (var answer :
        List.of(
            service.get("/api/v1/nothing"),
            service.get("/api/v1/jobs/none"),
            service.get("/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/results"),
            service.put("/api/v1/jobs", "{}"),
            service.get("/api/v1/jobs?limit=x"),
            service.get("/api/v1/functions/..%2f..%2fetc"),
            service.get("/api/v1/jobs?function=%00"),
            service.get("/api/v1/jobs?cursor=x"),
            service.get("/api/v1/jobs?label=x"),
            service.send(service.request("/api/v1/jobs").POST(BodyPublishers.ofString("x"))))) {
      assertThat(answer.status()).as("%s", answer).isBetween(400, 499);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(answer.json().get("type").stringValue()).startsWith("urn:manyhands:problem:");
      assertThat(answer.json().get("errors")).isNotNull();
    }
  }

  @Test
  void aFunctionThatDoesNotLoadFailsItsJobAndSaysWhy() {
    assertNotLoaded(python("def f(x)\n  return x", "[1, 2]"), "SyntaxError", "line 1");
    assertNotLoaded(python("import nosuchmodule\ndef f(x): return x", "[1]"), "nosuchmodule", "");
    assertNotLoaded(
        python("raise OSError('at import')\ndef f(x): return x", "[1]"), "at import", "");
    assertNotLoaded(
        "{\"function\": {\"runtime\": \"python\", \"code\": \"def f(x): return x\", \"entry\": \"g\"}, \"inputs\": [1]}",
        "g",
        "f");
    assertNotLoaded(
        "{\"function\": {\"runtime\": \"command\", \"command\": [\"/no/such/program\"]}, \"inputs\": [1]}",
        "/no/such/program",
        "");
    assertNotLoaded(python("import os\nos._exit(3)\ndef f(x): return x", "[1]"), "status 3", "");
    assertThat(service.run(python(IDENTITY, "[1]")).get("state").stringValue())
        .isEqualTo("SUCCEEDED");
  }

  private void assertNotLoaded(String body, String... words) {
    JsonNode job = service.run(body);
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("FAILED");
    assertThat(job.get("stopReason").stringValue()).isEqualTo("functionNotLoaded");
    assertThat(job.get("error").get("message").stringValue()).contains(words);
    assertThat(job.get("items").get("skipped")).isEqualTo(job.get("items").get("total"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/jobs?stat=FAILED&limit=5, stat,"
        + " 'counts, cursor, function, label, limit, parent, q, since, state'",
    "POST, /api/v1/jobs?wiat=5, wiat, wait",
    "GET, /api/v1/limits?verbose, verbose, none",
    "GET, /api/v1/jobs?li%6Dit=5&%6Cimits=7, limits, limit",
  })
  void anUnknownParameterIsRefused(String method, String path, String name, String known) {
    var answer = method.equals("GET") ? service.get(path) : service.post(path, "{}");

    assertThat(answer.status()).isEqualTo(400);
    var error = answer.json().get("errors").get(0);
    assertThat(error.get("pointer").stringValue()).isEqualTo(name);
    assertThat(error.get("detail").stringValue()).contains(known);
  }

  @Test
  void aJobThatAsksForMoreWorkersThanThereAreSlotsSaysSo() {
    int slots = service.get("/api/v1/limits").json().get("slots").intValue();
    String job = "{\"function\": \"gcd\", \"inputs\": [[4, 6]], \"workers\": %d}";

    var fitting = service.post("/api/v1/jobs?wait=60", job.formatted(slots)).json();
    var wishful = service.post("/api/v1/jobs?wait=60", job.formatted(slots + 1)).json();

    assertThat(fitting.get("notes")).isEmpty();
    assertThat(wishful.get("notes")).hasSize(1);
    assertThat(wishful.get("notes").get(0).stringValue())
        .contains((slots + 1) + " workers", slots + " slots");
  }

  @Test
  void limitsAndWorkersAreShown() {
    service.run(python(IDENTITY, "[1]"));
    assertThat(service.get("/api/v1/limits").json().get("maxBodyBytes").intValue())
        .isEqualTo(1 << 20);
    JsonNode worker = service.get("/api/v1/workers").json().get("workers").get(0);
    assertThat(worker.get("pid").longValue()).isPositive();
    assertThat(worker.get("state").stringValue()).isIn("STARTING", "IDLE", "BUSY", "STOPPING");
  }

  @Test
  void theDescriptionHasAWorkedExampleForEveryOperation() {
    JsonNode api = service.get("/v3/api-docs").json();
    var without = new ArrayList<String>();
    api.get("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation -> {
                  String text = operation.getValue().toString();
                  boolean noContent = operation.getKey().equals("delete");
                  if (!text.contains("\"example") && !noContent) {
                    without.add(operation.getKey() + " " + path.getKey());
                  }
                  assertThat(operation.getValue().get("summary").stringValue()).isNotBlank();
                }));
    assertThat(without).isEmpty();
    assertThat(api.get("paths").size()).isGreaterThanOrEqualTo(8);
  }

  @Test
  void theDescriptionIsTheContract() throws IOException {
    Map<String, Object> file = new Yaml().load(Files.readString(CONTRACT));
    file.remove("servers");
    var served = (ObjectNode) service.get("/v3/api-docs").json();
    assertThat(served.remove("servers").get(0).get("url").stringValue())
        .isEqualTo(service.uri("").toString());
    assertThat(served).isEqualTo(new JsonMapper().valueToTree(file));
    var text = service.get("/v3/api-docs.yaml");
    assertThat(text.header("Content-Type")).isEqualTo("application/vnd.oai.openapi");
    Map<String, Object> members = new Yaml().load(text.body());
    assertThat(members.remove("servers").toString()).contains(service.uri("").toString());
    assertThat(members).isEqualTo(file);
  }

  @Test
  void thePageOfThePythonClientNamesTheWheel() {
    assertThat(service.get("/client").header("Location")).isEqualTo("/client/");
    String page = service.get("/client/").body();
    var wheel = Pattern.compile("pip install (http://[^/]+)(/client/\\S+\\.whl)").matcher(page);
    assertThat(wheel.find()).isTrue();
    assertThat(wheel.group(1)).isEqualTo(service.uri("").toString());
    assertThat(service.get(wheel.group(2)).status()).isEqualTo(200);
  }

  @Test
  void thePageThatShowsTheContractIsInTheJar() {
    assertThat(service.get("/swagger-ui.html").status()).isEqualTo(302);
    assertThat(service.get("/swagger-ui.html").header("Location"))
        .endsWith("/swagger-ui/index.html");
    String page = service.get("/swagger-ui/index.html").body();
    var references = Pattern.compile("(?:href|src)=\"([^\"]+)\"").matcher(page).results().toList();
    assertThat(references).hasSizeGreaterThan(4);
    for (var reference : references) {
      assertThat(reference.group(1)).as("of the service itself").doesNotContain(":", "//");
      var file = service.get("/swagger-ui/" + reference.group(1).replace("./", ""));
      assertThat(file.status()).as(reference.group(1)).isEqualTo(200);
    }
    assertThat(service.get("/swagger-ui/swagger-initializer.js").body())
        .contains("\"../v3/api-docs\"")
        .contains("validatorUrl: \"\"")
        .doesNotContain("http");
  }

  @Test
  void theExamplesOfTheDescriptionAreAccepted() {
    JsonNode paths = service.get("/v3/api-docs").json().get("paths");
    JsonNode submit = paths.get("/api/v1/jobs").get("post").get("requestBody").get("content");
    var examples = submit.get("application/json").get("examples");
    assertThat(examples.propertyNames())
        .contains(
            "inline Python",
            "built-in, range",
            "reproducible",
            "any executable",
            "starmap and common arguments",
            "threads",
            "chunking",
            "reduce",
            "stopWhen",
            "cache",
            "maxFailures and onError",
            "retry, backoff and timeouts",
            "after other jobs, over results",
            "notBefore and ttl",
            "callback");
    String before = service.run(python(IDENTITY, "[1]")).get("id").stringValue();
    JsonNode set = paths.get("/api/v1/shared/{name}").get("put").get("requestBody").get("content");
    String declaration = set.get("application/json").get("example").toString();
    assertThat(service.put("/api/v1/shared/words", declaration).status()).isEqualTo(201);
    examples.forEach(example -> {
      String body = example.get("value").toString().replaceAll("019aa4f2-[-0-9a-f]+", before);
      service.cancelled(service.submit(body));
    });
    String lines = submit.get("application/x-ndjson").get("example").stringValue();
    var counted =
        service.send(
            service
                .request("/api/v1/jobs?wait=60")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines)));
    assertThat(counted.json().get("result").toString()).isEqualTo("[6,1]");
    JsonNode register =
        paths.get("/api/v1/functions/{name}").get("put").get("requestBody").get("content");
    String definition = register.get("application/json").get("example").toString();
    assertThat(service.put("/api/v1/functions/from-example", definition).status()).isEqualTo(201);
    JsonNode form = register.get("multipart/form-data").get("example");
    String body =
        "--edge\r\nContent-Disposition: form-data; name=definition\r\n\r\n"
            + form.get("definition").stringValue()
            + "\r\n--edge\r\nContent-Disposition: form-data; name=file; filename=shout.py\r\n\r\n"
            + form.get("file").stringValue()
            + "\r\n--edge--\r\n";
    var uploaded =
        service.send(
            service
                .request("/api/v1/functions/shout")
                .header("Content-Type", "multipart/form-data; boundary=edge")
                .PUT(BodyPublishers.ofString(body)));
    assertThat(uploaded.status()).as("%s", uploaded).isEqualTo(201);
  }

  @Test
  void prometheusSeesTheWork() {
    service.run(python(IDENTITY, "[1, 2, 3]"));
    String metrics = service.get("/actuator/prometheus").body();
    assertThat(metrics)
        .contains(
            "manyhands_jobs{",
            "manyhands_jobs_submitted_total",
            "manyhands_jobs_finished_total{",
            "manyhands_job_duration_seconds_bucket{",
            "manyhands_job_queue_wait_seconds_bucket{",
            "manyhands_items_total{outcome=\"succeeded\",runtime=\"python\"}",
            "manyhands_chunk_duration_seconds_bucket{",
            "manyhands_chunk_items_bucket{",
            "manyhands_dispatch_overhead_seconds_bucket{",
            "manyhands_workers{",
            "manyhands_worker_rss_bytes{",
            "manyhands_streams{kind=\"events\"}",
            "manyhands_streams{kind=\"results\"}",
            "manyhands_slots ",
            "manyhands_slots_busy ",
            "manyhands_work_seconds_total",
            "manyhands_store_commit_seconds_bucket{",
            "manyhands_store_commit_rows_count",
            "manyhands_store_up 1.0",
            "manyhands_store_queued_writes ",
            "manyhands_items_left 0.0",
            "manyhands_data_size_bytes ",
            "manyhands_worker_restarts_total{reason=\"oom\",runtime=\"python\"} 0.0");
    assertThat(metrics).containsPattern("manyhands_data_free_bytes [1-9]");
    assertThat(metrics).doesNotContain("/api/v1/jobs/0");
    assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
    var ready = service.get("/actuator/health/readiness");
    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.json().get("components").has("store")).isTrue();
    assertThat(ready.json().get("components").has("pool")).isTrue();
  }
}
