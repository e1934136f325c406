package dev.manyhands.outside;

import static dev.manyhands.outside.Service.json;
import static dev.manyhands.outside.Service.python;
import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Service.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Jobs that try failed items of other jobs again, and results of both together. */
class RetriesIT extends OnEachStore {
  private static final String JOBS = "/api/v1/jobs/";
  private static final String GOOD = "def f(x): return [x, 'v' * (x % 40)]";
  private static final String BAD =
      "def f(x):\n  if x % 3 == 0 or 5000 < x < 6000: raise KeyError(x)\n"
          + "  return [x, 'v' * (x % 40)]";

  @TempDir private Path directory;

  private static String function(String code) {
    return "\"function\": {\"runtime\": \"python\", \"code\": " + quote(code) + "}";
  }

  private String failed(String code, String inputs, String... more) {
    return service.run(python(code, inputs, more)).get("id").stringValue();
  }

  /** Tries again with these fields in the body; returns the id of the new job. */
  private String retry(String id, String fields) {
    Answer answer = service.post(JOBS + id + "/retry", "{" + fields + "}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
    return answer.json().get("id").stringValue();
  }

  private String retried(String id, String fields) {
    String retry = retry(id, fields);
    service.await(retry);
    return retry;
  }

  private List<String> lines(String id, String query) {
    return service
        .send(
            service
                .request(JOBS + id + "/results?" + query)
                .header("Accept", "application/x-ndjson")
                .GET())
        .body()
        .lines()
        .toList();
  }

  private JsonNode page(String id, String query) {
    return service.get(JOBS + id + "/results?" + query).json();
  }

  @Test
  void optionsOfTheBodyReplaceThoseOfTheJob() {
    String code =
        "import time\ndef f(x, pause):\n  time.sleep(pause * x)\n  if x == 4: raise KeyError(x)\n"
            + "  return x";
    String id =
        failed(
            code,
            "[0, 1, 4]",
            "\"common\": {\"pause\": 1.5}",
            "\"timeouts\": {\"item\": 0.3}",
            "\"labels\": {\"team\": \"a\"}",
            "\"priority\": 7");
    String fields =
        "\"timeouts\": {\"item\": 60, \"job\": 90}, \"common\": {\"pause\": 0}, \"maxFailures\":"
            + " \"50%\", \"retry\": {\"error\": 2}, \"threads\": 2, \"name\": \"again\","
            + " \"labels\": {\"team\": \"b\"}, \"workers\": 1, \"description\": \"second\","
            + " \"memory\": \"300MB\"";
    String retry = retry(id, fields);
    JsonNode job = service.await(retry);

    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("SUCCEEDED");
    assertThat(job.get("name").stringValue()).isEqualTo("again");
    assertThat(job.get("description").stringValue()).isEqualTo("second");
    assertThat(job.get("labels")).isEqualTo(json("{\"team\": \"b\"}"));
    assertThat(job.get("priority").intValue()).isEqualTo(7);
    assertThat(job.get("threads").intValue()).isEqualTo(2);
    assertThat(page(retry, "").at("/errors/0/attempts").intValue()).isEqualTo(2);
    assertThat(service.get(JOBS + retry + "/request").json().get("timeouts"))
        .isEqualTo(json("{\"item\": 60, \"job\": 90}"));
    assertThat(service.get("/api/v1/jobs?label=team:b").json().get("jobs")).isNotEmpty();
  }

  @Test
  void aKeyOfARetryIsRefusedAndMakesNoJob() {
    String id = failed("def f(x): return 60 // x", "[0]");
    var answer =
        service.send(
            service
                .request("/api/v1/jobs/" + id + "/retry")
                .header("Idempotency-Key", "once")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}")));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo("Idempotency-Key");
    assertThat(service.get("/api/v1/jobs?parent=" + id).json().get("jobs")).isEmpty();
  }

  @Test
  void anotherFunctionIsANameAVersionOrADefinition() {
    String id = failed("def f(x): return 60 // x", "[1, 0, 2]");
    String one =
        service
            .put("/api/v1/functions/halve", definition("x / 2"))
            .json()
            .get("digest")
            .stringValue();
    service.put("/api/v1/functions/halve", definition("-1"));

    for (String[] each :
        new String[][] {
          {"\"function\": \"halve\"", "[-1]"},
          {"\"function\": \"halve@" + one + "\"", "[0.0]"},
          {function("def f(x): return 'inline'"), "[\"inline\"]"}
        }) {
      String retry = retried(id, each[0]);
      assertThat(page(retry, "").get("results")).isEqualTo(json(each[1]));
    }
  }

  private static String definition(String value) {
    return "{\"runtime\": \"python\", \"code\": " + quote("def f(x): return " + value) + "}";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"timeout": {"item": 9}} | 400 | /timeout  | there are: after, cache, call
          {"inputs": [1]}          | 422 | /inputs   | submit a job
          {"reduce": "sum"}        | 422 | /reduce   | stays as it is
          {"values": "python"}     | 422 | /values   | stays as it is
          {"only": "some"}         | 422 | /only     | failed, unfinished
          {"only": 3}              | 400 | /only     | must be a string
          {"group": null}          | 400 | /group    | must be an object
          {"group": {"kind": "ERROR", "type": "KeyError"}} | 400 | /group/message | is missing
          {"group": {"kind": "error", "type": "", "message": ""}} | 422 | /group/kind | CRASH
          {"group": {"name": "x"}} | 400 | /group/name | there are: kind, message, type
          {"only": "failed", "group": {}} | 400 | /group | leave out 'only' and 'items'
          {"threads": 0}           | 422 | /threads  | between 1
          {"threads": 2, "threads": 3} | 400 | /threads | twice
          {"timeouts": {"item": -1}} | 422 | /timeouts/item | between
          {"function": "nobody"}   | 422 | /function | nobody
          [1]                      | 400 | ''        | object
          """)
  void otherFieldsAreRefusedAndNothingIsMade(
      String body, int status, String pointer, String detail) {
    String id = failed("def f(x): return 60 // x", "[0]");
    Answer answer = service.post(JOBS + id + "/retry", body);

    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.body()).contains(detail);
    if (!pointer.isEmpty()) {
      assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo(pointer);
    }
    assertThat(service.get("/api/v1/jobs?limit=1").json().at("/jobs/0/id").stringValue())
        .isEqualTo(id);
  }

  @Test
  void itemsOfARetryNameTheItemOfTheParent() {
    String id = failed("def f(x): return 60 // x", "[1, 0, 2, 0, 0, 3]");
    String retry = retried(id, function("def f(x): return 60 // x"));

    assertThat(page(retry, "").get("errors"))
        .extracting(error -> error.get("parentIndex").longValue())
        .containsExactly(1L, 3L, 4L);
    assertThat(lines(retry, "").get(1)).startsWith("{\"index\":1,\"parentIndex\":3,\"error\":");
    assertThat(lines(retry, "order=completion"))
        .filteredOn(line -> line.startsWith("{\"index\":2,"))
        .singleElement()
        .asString()
        .contains("\"parentIndex\":4,");
    assertThat(service.get(JOBS + retry + "/items/2").json().get("parentIndex").longValue())
        .isEqualTo(4);
    assertThat(service.get(JOBS + retry + "/items?state=FAILED").json().get("items"))
        .extracting(item -> item.get("parentIndex").longValue())
        .containsExactly(1L, 3L, 4L);
    JsonNode group = service.get(JOBS + retry + "/errors").json().at("/groups/0");
    assertThat(group.get("firstParentIndex").longValue()).isEqualTo(1);
    assertThat(group.get("lastParentIndex").longValue()).isEqualTo(4);
    assertThat(page(id, "").at("/errors/0").has("parentIndex")).isFalse();
    assertThat(service.get(JOBS + id + "/items/1").json().has("parentIndex")).isFalse();
  }

  @Test
  void namedItemsAreRetriedAlsoIfTheyHaveSucceeded() {
    String id = failed("def f(x): return 60 // x", "[1, 0, 2, 0, 3, 4]");
    String retry = retried(id, "\"items\": [[4, 6], [1, 3]], " + function("def f(x): return -x"));
    assertThat(page(retry, "").get("results")).isEqualTo(json("[0, -2, -3, -4]"));
    assertThat(lines(retry, "").get(2)).isEqualTo("{\"index\":2,\"parentIndex\":4,\"value\":-3}");
    JsonNode merged = page(retry, "merged=true");
    assertThat(merged.get("results")).isEqualTo(json("[60, 0, -2, null, -3, -4]"));
    assertThat(merged.get("complete").booleanValue()).isTrue();
    String path = JOBS + id + "/retry";
    assertThat(service.post(path, "{\"items\": [[5, 7]]}").status()).isEqualTo(422);
    assertThat(service.post(path, "{\"items\": []}").status()).isEqualTo(400);
    assertThat(service.post(path, "{\"items\": [[1, 2]], \"only\": \"failed\"}").status())
        .isEqualTo(400);
  }

  @Test
  void theItemsOfOneGroupOfErrorsAreRetried() {
    String id =
        failed(
            "def f(x):\n  if x % 4 == 1: raise KeyError('no row %d' % x)\n  return 60 // (x % 5)",
            "{\"range\": {\"stop\": 20}}");
    JsonNode groups = service.get(JOBS + id + "/errors").json().get("groups");
    assertThat(groups).hasSize(2);
    for (JsonNode group : groups) {
      String fields =
          "\"group\": {\"kind\": %s, \"type\": %s, \"message\": %s}"
              .formatted(group.get("kind"), group.get("type"), group.get("message"));
      JsonNode again = service.get(JOBS + retried(id, fields) + "/errors").json();
      assertThat(again.get("groups")).as(group.toString()).hasSize(1);
      JsonNode same = again.at("/groups/0");
      assertThat(same.get("message")).isEqualTo(group.get("message"));
      assertThat(same.get("count")).isEqualTo(group.get("count"));
      assertThat(same.get("firstParentIndex")).isEqualTo(group.get("firstIndex"));
      assertThat(same.get("lastParentIndex")).isEqualTo(group.get("lastIndex"));
    }
    Answer none =
        service.post(
            JOBS + id + "/retry",
            "{\"group\": {\"kind\": \"CRASH\", \"type\": \"SIGKILL\", \"message\": \"\"}}");
    assertThat(none.status()).isEqualTo(409);
    assertThat(none.body()).contains("no failed items of this group");
  }

  /** Metamorphic: failures that are mended leave no trace in the merged results. */
  @ParameterizedTest
  @ValueSource(strings = {"{\"size\": \"auto\"}", "{\"size\": 1000, \"order\": \"shuffled\"}"})
  void mergedResultsEqualThoseOfAJobWithoutFailures(String chunking) {
    String inputs = "{\"range\": {\"stop\": 12000}}";
    String option = "\"chunking\": " + chunking;
    String good = failed(GOOD, inputs, option);
    String bad = failed(BAD, inputs, option);
    String stillBad = "def f(x):\n  if x % 2: raise KeyError(x)\n  return [x, 'v' * (x % 40)]";
    String first = retried(bad, function(stillBad));
    String last = retried(first, function(GOOD));

    for (String query :
        List.of("", "offset=1&limit=1", "offset=4990&limit=2000", "offset=11999", "from=12000")) {
      assertThat(page(last, query + "&merged=true")).as(query).isEqualTo(page(good, query));
      assertThat(lines(last, query + "&merged=true")).as(query).isEqualTo(lines(good, query));
    }
    String withInputs = "include=input&offset=3000&limit=70";
    assertThat(lines(last, withInputs + "&merged=true")).isEqualTo(lines(good, withInputs));
    assertThat(page(last, withInputs + "&merged=true")).isEqualTo(page(good, withInputs));
    JsonNode half = page(first, "merged=true&limit=12000");
    assertThat(half.get("errors")).isNotEmpty().allMatch(e -> e.get("index").longValue() % 2 == 1);
    assertThat(half.get("complete").booleanValue()).isTrue();
  }

  @Test
  void itemsThatNeverRanAreFilledIn() {
    String option = "\"onError\": \"stop\", \"chunking\": {\"size\": 3}, \"workers\": 1";
    String bad = failed("def f(x): return 60 // (x - 7)", "{\"range\": {\"stop\": 50}}", option);
    assertThat(page(bad, "").get("skipped")).isNotEmpty();
    String good = "def f(x): return 60 // (x - 7) if x != 7 else 'mended'";
    String last = retried(bad, "\"only\": \"unfinished\", " + function(good));

    assertThat(page(last, "merged=true"))
        .isEqualTo(page(failed(good, "{\"range\": {\"stop\": 50}}"), ""));
  }

  @Test
  void largeValuesAreMergedToo() {
    String large = "def f(x): return 'w' * (100_000 + x)";
    String bad =
        failed(large.replace("return", "\n  if x % 2: raise KeyError(x)\n  return"), RANGE);
    String last = retried(bad, function(large));

    assertThat(page(last, "merged=true")).isEqualTo(page(failed(large, RANGE), ""));
  }

  private static final String RANGE = "{\"range\": {\"stop\": 9}}";

  @Test
  void aRetryThatRunsGivesWhatIsFinished() throws Exception {
    Path gate = directory.resolve("gate");
    String waits =
        "import os, time\ndef f(x):\n  while x == 4 and not os.path.exists(%s): time.sleep(0.01)\n  return x"
            .formatted(quote(gate.toString()));
    String bad = failed("def f(x): return x if x % 2 else 1 // 0", "[0, 1, 2, 3, 4, 5]");
    String retry = retry(bad, function(waits) + ", \"workers\": 1, \"chunking\": {\"size\": 1}");
    new RunningJob(service, retry).awaitDone(2);

    JsonNode page = page(retry, "merged=true");
    assertThat(page.get("results")).isEqualTo(json("[0, 1, 2, 3]"));
    assertThat(page.get("complete").booleanValue()).isFalse();
    assertThat(page.get("next").longValue()).isEqualTo(4);
    assertThat(lines(retry, "merged=true").getLast())
        .isEqualTo("{\"end\":{\"state\":\"RUNNING\",\"complete\":false,\"next\":4}}");
    Files.createFile(gate);
    assertThat(lines(retry, "merged=true&follow=true"))
        .hasSize(7)
        .endsWith("{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}");
  }

  @Test
  void anItemWithoutAnOutcomeIsSkippedAndNotNull() {
    String bad = failed("def f(x): return x if x % 2 else 1 // 0", "[0, 1, 2, 3]");
    String retry = retry(bad, "\"paused\": true");
    service.cancelled(retry);

    JsonNode page = page(retry, "merged=true");
    assertThat(page.get("results")).isEqualTo(json("[null, 1, null, 3]"));
    assertThat(page.get("errors")).isEmpty();
    assertThat(page.get("skipped")).isEqualTo(json("[[0, 1], [2, 3]]"));
  }

  @Test
  void whatCannotBeMergedIsRefused() {
    String bad = failed("def f(x): return 60 // x", "[0, 1]");
    String retry = retried(bad, "");
    assertThat(problem(bad, "merged=true", 409)).contains("is no retry");
    assertThat(problem(retry, "merged=perhaps", 400)).contains("merged");
    Answer byCompletion =
        service.send(
            service
                .request(JOBS + retry + "/results?merged=true&order=completion")
                .header("Accept", "application/x-ndjson")
                .GET());
    assertThat(byCompletion.status()).isEqualTo(400);
    assertThat(byCompletion.body()).contains("order=input");

    String sum = failed("def f(x): return 60 // x", "[0, 1]", "\"reduce\": \"sum\"");
    assertThat(problem(retried(sum, ""), "merged=true", 409)).contains("reduces its results (sum)");

    String again = retried(retry, "");
    assertThat(page(again, "merged=true").get("results")).isEqualTo(json("[null, 60]"));
    assertThat(service.delete(JOBS + bad).status()).isEqualTo(204);
    assertThat(problem(again, "merged=true", 409)).contains(bad, "was deleted");
    assertThat(page(again, "").at("/errors/0/parentIndex").longValue()).isZero();
  }

  private String problem(String id, String query, int status) {
    Answer answer = service.get(JOBS + id + "/results?" + query);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    return answer.body();
  }
}
