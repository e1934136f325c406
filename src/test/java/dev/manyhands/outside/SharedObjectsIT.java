package dev.manyhands.outside;

import static dev.manyhands.outside.Service.json;
import static dev.manyhands.outside.Service.python;
import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Service.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shared objects of jobs as clients see and change them. The jobs are paused: no item runs. */
class SharedObjectsIT extends OnEachStore {
  private static final String JOBS = "/api/v1/jobs/";
  private static final String SHARED =
      """
      {"z": {"value": 2}, "x": {"value": 0.5}, "done": {"value": false}, "gate": {"lock": {}},
       "seen": {"dict": {"a": [1.0, -0.0], "\\u00e9": "\\ud83e"}}, "log": {"list": [1, null]},
       "todo": {"queue": {}}, "few": {"queue": {"size": 1}}, "doors": {"semaphore": 3}}
      """;

  private String id;

  @Override
  String[] settings() {
    return new String[] {"--manyhands.workers.slots=1", "--manyhands.shared.max-bytes=4MB"};
  }

  private void submit() {
    id = service.submit(job("\"paused\": true", "\"shared\": " + SHARED));
  }

  private static String job(String... options) {
    return python("def f(x): return x", "[1, 2]", options);
  }

  private Answer call(String object, String operation, String... args) {
    String body = "{\"do\": " + quote(operation) + ", \"args\": [" + String.join(",", args) + "]}";
    return service.post(JOBS + id + "/shared/" + object, body);
  }

  private String result(String object, String operation, String... args) {
    Answer answer = call(object, operation, args);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private Answer read(String path) {
    return service.get(JOBS + id + "/shared" + path);
  }

  @Test
  void eachObjectIsListedInTheOrderOfItsDeclaration() {
    submit();
    var listed = new ArrayList<String>();
    for (var object : read("").json().get("shared")) {
      listed.add(
          "%s %s %s %s"
              .formatted(
                  object.get("name").stringValue(),
                  object.get("kind").stringValue(),
                  object.get("value"),
                  object.get("length")));
    }
    assertThat(listed)
        .containsExactly(
            "z value 2 null",
            "x value 0.5 null",
            "done value false null",
            "gate lock null null",
            "seen dict null 2",
            "log list null 2",
            "todo queue null 0",
            "few queue null 0",
            "doors semaphore null 3");
    assertThat(service.get(JOBS + service.submit(job()) + "/shared").json())
        .isEqualTo(json("{\"shared\": []}"));
    assertThat(service.get(JOBS + id + "/request").json().get("shared")).isEqualTo(json(SHARED));
  }

  @Test
  void operationsAreThoseOfItems() {
    submit();
    assertThat(result("z", "add", "40")).isEqualTo("{\"result\":42}");
    assertThat(result("z", "get")).isEqualTo("{\"result\":42}");
    assertThat(result("x", "add", "1")).isEqualTo("{\"result\":1.5}");
    assertThat(result("done", "set", "true")).isEqualTo("{\"result\":null}");
    assertThat(result("seen", "set", "\"k\"", "{\"a\":1.50}")).isEqualTo("{\"result\":null}");
    assertThat(result("seen", "get", "\"\\u006b\"")).isEqualTo("{\"result\":{\"a\":1.50}}");
    assertThat(result("seen", "get", "\"none\"")).isEqualTo("{\"missing\":true}");
    assertThat(result("seen", "add", "7", "2")).isEqualTo("{\"result\":2}");
    assertThat(result("seen", "keys")).isEqualTo("{\"result\":[\"a\",\"\u00e9\",\"k\",7]}");
    assertThat(result("log", "append", "[2]")).isEqualTo("{\"result\":3}");
    assertThat(result("log", "slice", "1", "9")).isEqualTo("{\"result\":[null,[2]]}");
    assertThat(result("todo", "get")).isEqualTo("{\"missing\":true}");
    assertThat(result("todo", "put", "1")).isEqualTo("{\"result\":1}");
    assertThat(result("todo", "get")).isEqualTo("{\"result\":1}");
    assertThat(result("few", "put", "1")).isEqualTo("{\"result\":1}");
    assertThat(result("doors", "length")).isEqualTo("{\"result\":3}");
  }

  @Test
  void whatCannotBeDoneIsRefusedWithItsRemedy() {
    submit();
    assertRefused(call("none", "get"), 404, "it declares z, x, done, gate, seen");
    assertRefused(call("seen", "put", "1"), 422, "/do", "it has get, set, setdefault");
    assertRefused(call("seen", "set", "1"), 422, "/args", "takes 2 arguments");
    assertRefused(call("seen", "set", "[]", "1"), 422, "/args", "text or an integer");
    assertRefused(call("seen", "add", "\"a\"", "1"), 422, "/args", "only numbers");
    assertRefused(call("z", "set", "1.5"), 422, "/args", "integers of 64 bits");
    assertRefused(call("z", "add", "9223372036854775807"), 422, "/args", "64 bits");
    assertRefused(call("done", "add", "1"), 422, "/args", "cannot be added");
    assertRefused(call("gate", "acquire"), 422, "/do", "items take and release");
    assertRefused(call("gate", "awaited"), 422, "/do", "items take and release");
    assertRefused(call("doors", "acquire"), 422, "/args", "only an item");
    assertRefused(call("doors", "release"), 422, "/args", "holds no permit");
    call("few", "put", "1");
    assertRefused(call("few", "put", "2"), 409, "the queue is full");
    String large = quote("x".repeat((1 << 20) - 1));
    assertRefused(call("log", "append", large), 409, "1048576 bytes");

    String object = JOBS + id + "/shared/seen";
    assertRefused(service.post(object, "{}"), 400, "/do", "is required");
    assertRefused(service.post(object, "[]"), 400, "must be an object");
    assertRefused(service.post(object, "{\"do\": 1}"), 400, "/do", "must be a string");
    assertRefused(service.post(object, "{\"do\": \"get\", \"args\": {}}"), 400, "/args");
    assertRefused(service.post(object, "{\"do\": \"get\", \"arg\": []}"), 400, "/arg");
    assertRefused(service.post(JOBS + "x/shared/seen", "{\"do\": \"get\"}"), 404, "no job");
    assertRefused(
        service.post(object.replace(id, service.submit(job())), "{\"do\": \"keys\"}"),
        404,
        "it declares none");
  }

  private static void assertRefused(Answer answer, int status, String... words) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(words);
  }

  @Test
  void entriesAreReadInPages() {
    submit();
    assertThat(read("/seen?limit=1").body())
        .contains("\"length\":2")
        .endsWith(",\"entries\":[{\"key\":\"a\",\"value\":[1.0,-0.0]}],\"next\":1}");
    assertThat(read("/seen?offset=1").body())
        .endsWith(",\"entries\":[{\"key\":\"\u00e9\",\"value\":\"\\ud83e\"}],\"next\":null}");
    assertThat(read("/log").body()).endsWith(",\"elements\":[1,null],\"next\":null}");
    assertThat(read("/log?offset=9").body()).endsWith(",\"elements\":[],\"next\":null}");
    assertThat(read("/z").json().get("next").isNull()).isTrue();
    assertThat(read("/gate").json().get("holder").isNull()).isTrue();

    result("seen", "update", "3", "1", "\"3\"", "2", "\"x y\"", "3");
    assertThat(read("/seen?key=3").body()).contains("[{\"key\":3,\"value\":1}]");
    assertThat(read("/seen?key=%223%22").body()).contains("[{\"key\":\"3\",\"value\":2}]");
    assertThat(read("/seen?key=x%20y").body()).contains("[{\"key\":\"x y\",\"value\":3}]");
    assertThat(read("/seen?key=%C3%A9").body()).contains("\"value\":\"\\ud83e\"");
    assertThat(read("/seen?key=none").body()).contains("\"entries\":[]");

    assertRefused(read("/seen?limit=0"), 400, "limit");
    assertRefused(read("/seen?limit=1001"), 400, "limit");
    assertRefused(read("/seen?offset=-1"), 400, "offset");
    assertRefused(read("/seen?key=a&limit=3"), 400, "without");
    assertRefused(read("/log?key=a"), 400, "a dict only");
    assertRefused(read("/seen?key=%22%5C%22"), 400, "key");
    assertRefused(read("/seen?key=" + "k".repeat(3_000)), 422, "at most 2048 bytes");
    assertRefused(read("/none"), 404, "it declares");
  }

  /** A page has little more than a megabyte, however large the values are. */
  @Test
  void aPageOfLargeValuesEndsEarly() {
    submit();
    String value = quote("x".repeat(700_000));
    for (int i = 0; i < 4; i++) {
      result("log", "append", value);
    }
    var page = read("/log").json();
    assertThat(page.get("elements")).hasSize(4);
    assertThat(page.get("next").intValue()).isEqualTo(4);
    assertThat(read("/log?offset=4").json().get("elements")).hasSize(2);
    for (int i = 0; i < 1; i++) {
      result("log", "append", value);
    }
    assertRefused(call("log", "append", value), 409, "4194304 bytes");
    result("log", "clear");
    result("log", "append", value);
  }

  @Test
  void theStateSurvivesARestartAndTheEndOfTheJob() throws Exception {
    submit();
    result("z", "set", "7");
    result("seen", "pop", "\"a\"");
    result("todo", "put", "\"later\"");
    result("doors", "length");
    var before = state();
    service.terminate();
    service = service.again();
    assertThat(state()).isEqualTo(before);

    result("log", "append", "3");
    before = state();
    service.cancelled(id);
    assertThat(state()).isEqualTo(before);
    assertThat(result("seen", "get", "\"\u00e9\"")).contains("\\ud83e");
    assertRefused(call("seen", "set", "1", "1"), 409, "has ended");
    assertRefused(call("z", "add", "1"), 409, "has ended");
    assertRefused(call("todo", "get"), 409, "has ended");

    service.terminate();
    service = service.again();
    assertThat(state()).isEqualTo(before);
    assertThat(service.delete(JOBS + id).status()).isEqualTo(204);
    assertThat(read("").status()).isEqualTo(404);
    assertThat(read("/seen").status()).isEqualTo(404);
  }

  private List<String> state() {
    var state = new ArrayList<String>();
    state.add(read("").body());
    for (var object : read("").json().get("shared")) {
      state.add(read("/" + object.get("name").stringValue()).body());
    }
    return state;
  }

  @Test
  void aJobThatNothingHasTouchedShowsItsFirstState() {
    submit();
    var before = state();
    String other = id;
    submit();
    service.cancelled(id);
    assertThat(state()).isEqualTo(before);
    service.cancelled(other);
  }

  @Test
  void aRetryAndAComparisonBeginWithTheDeclaration() {
    submit();
    result("z", "set", "7");
    service.cancelled(id);
    String retry =
        service
            .post(JOBS + id + "/retry", "{\"only\": \"unfinished\", \"paused\": true}")
            .json()
            .get("id")
            .stringValue();
    assertThat(service.get(JOBS + retry + "/shared/z").json().get("value").intValue()).isEqualTo(2);
    Answer changed =
        service.post(
            JOBS + id + "/retry",
            "{\"only\": \"unfinished\", \"paused\": true, \"shared\": {\"q\": {\"queue\": {}}}}");
    String second = changed.json().get("id").stringValue();
    assertThat(service.get(JOBS + second + "/request").json().get("shared"))
        .isEqualTo(json("{\"q\": {\"queue\": {}}}"));
    service.cancelled(retry);
    service.cancelled(second);
  }

  @Test
  void aDeclarationThatDoesNotWorkIsRefused() {
    assertRefused(
        service.post("/api/v1/jobs", job("\"shared\": {\"a\": {\"value\": \"x\"}}")),
        422,
        "/shared/a/value",
        "use a dict");
    assertRefused(
        service.post("/api/v1/jobs", job("\"cache\": true", "\"shared\": {\"a\": {\"lock\": {}}}")),
        422,
        "/cache");
    String command =
        "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\": [1],"
            + " \"shared\": {\"a\": {\"lock\": {}}}}";
    assertRefused(service.post("/api/v1/jobs", command), 422, "/shared", "only Python");
    var noted = service.run(job("\"seed\": 1", "\"shared\": {\"a\": {\"lock\": {}}}"));
    assertThat(noted.get("notes").toString()).contains("depends on the order");
  }
}
