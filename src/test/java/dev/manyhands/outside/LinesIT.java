package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Inputs as lines: of any number, while the job is running. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LinesIT {
  private static final String DOUBLE =
      "{\"function\": {\"runtime\": \"python\", \"code\": \"def f(x): return 2 * x\"}}\n";

  private Service service;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory(), "--manyhands.limits.body=100KB");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void aJobComesAsLines() {
    String lines =
        IntStream.range(0, 100_000).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
    var answer = postLines("/api/v1/jobs?wait=60", DOUBLE + lines);
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(answer.json().get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(answer.json().get("inputsOpen").booleanValue()).isFalse();
    List<JsonNode> results = service.results(answer.json().get("id").stringValue());
    assertThat(results).hasSize(100_000);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).intValue()).isEqualTo(2 * i);
    }
  }

  @Test
  void resultsAreThereBeforeTheUploadEnds() throws Exception {
    String options = "\"name\": \"before the end\", ";
    try (var socket = new Socket("127.0.0.1", service.uri("").getPort())) {
      OutputStream out = socket.getOutputStream();
      beginUpload(out, options, "21\n");
      JsonNode job =
          awaitListed("before the end", listed -> listed.get("items").get("done").intValue() >= 1);
      assertThat(job.get("state").stringValue()).isEqualTo("RUNNING");
      assertThat(job.get("inputsOpen").booleanValue()).isTrue();
      String id = job.get("id").stringValue();
      while (service.results(id).isEmpty()) {
        Thread.onSpinWait();
      }
      assertThat(service.results(id).toString()).isEqualTo("[42]");
      chunk(out, "22\n");
      write(out, "0\r\n\r\n");
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).contains(" 202 ").contains(id);
      assertThat(service.await(id).get("result").toString()).isEqualTo("[42,44]");
    }
  }

  @Test
  void aJobThatItsFirstLinesDecideIsAcceptedWithAllItsLines() throws Exception {
    String options = "\"reduce\": \"find\", \"name\": \"decided\", ";
    try (var socket = new Socket("127.0.0.1", service.uri("").getPort())) {
      OutputStream out = socket.getOutputStream();
      beginUpload(out, options, "21\n");
      JsonNode job = awaitListed("decided", listed -> !listed.get("finishedAt").isNull());
      chunk(out, "22\n");
      write(out, "0\r\n\r\n");
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).contains(" 202 ").contains(job.get("id").stringValue());
      assertThat(answer).contains("\"state\":\"SUCCEEDED\"");
    }
  }

  @Test
  void anotherClientNeitherAddsToAnUploadNorEndsIt() throws Exception {
    String options = "\"name\": \"mine alone\", ";
    try (var socket = new Socket("127.0.0.1", service.uri("").getPort())) {
      OutputStream out = socket.getOutputStream();
      beginUpload(out, options, "1\n");
      JsonNode job =
          awaitListed("mine alone", listed -> listed.get("items").get("done").intValue() >= 1);
      String id = job.get("id").stringValue();
      assertNotOpen(postLines("/api/v1/jobs/" + id + "/inputs", "7\n"), "the request that");
      assertNotOpen(service.post("/api/v1/jobs/" + id + "/close", ""), "the request that");
      chunk(out, "2\n");
      write(out, "0\r\n\r\n");
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).contains(" 202 ");
      assertThat(service.await(id).get("result").toString()).isEqualTo("[2,4]");
    }
  }

  private static void beginUpload(OutputStream out, String options, String lines)
      throws IOException {
    write(
        out,
        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    chunk(out, DOUBLE.replace("{\"function\"", "{" + options + "\"function\"") + lines);
  }

  /** Returns the job with this name as soon as the list shows a state of the job as wanted. */
  private JsonNode awaitListed(String name, Predicate<JsonNode> wanted) {
    while (true) {
      for (JsonNode listed : service.get("/api/v1/jobs").json().get("jobs")) {
        if (listed.get("name").stringValue().equals(name) && wanted.test(listed)) {
          return listed;
        }
      }
    }
  }

  @Test
  void nobodyAddsToResultsThatBecomeInputs() {
    String first =
        service.submit(python("def f(x): return 10 * x", "[1, 2, 3]", "\"paused\": true"));
    String second =
        service.submit(python("def f(x): return x + 1", "{\"results\": \"" + first + "\"}"));
    assertNotOpen(postLines("/api/v1/jobs/" + second + "/inputs", "7\n8\n"), first);
    assertNotOpen(service.post("/api/v1/jobs/" + second + "/close", ""), first);
    var resumed =
        service.send(
            service
                .request("/api/v1/jobs/" + first)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString("{\"paused\": false}")));
    assertThat(resumed.status()).isEqualTo(200);
    assertThat(service.await(second).get("result").toString()).isEqualTo("[11,21,31]");
  }

  private static void assertNotOpen(Service.Answer answer, String why) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(409);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("detail").stringValue()).contains(why, "{\"open\": true}");
  }

  @Test
  void anUploadThatBreaksOffFailsItsJobAndKeepsWhatIsFinished() throws Exception {
    String options = "\"name\": \"broken off\", ";
    JsonNode job;
    try (var socket = new Socket("127.0.0.1", service.uri("").getPort())) {
      OutputStream out = socket.getOutputStream();
      beginUpload(out, options, "1\n2\n");
      job = awaitListed("broken off", listed -> listed.get("items").get("done").intValue() >= 2);
    }
    JsonNode ended = service.await(job.get("id").stringValue());
    assertThat(ended.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(ended.get("stopReason").stringValue()).isEqualTo("uploadCut");
    assertThat(ended.get("result").toString()).isEqualTo("[2,4]");
  }

  @Test
  void aBadLineIsNamed() {
    for (String job : List.of("\n" + DOUBLE + "1\n", DOUBLE + "1\n\n", DOUBLE + "1\r\n \n")) {
      var answer = postLines("/api/v1/jobs", job + "[\n2]\nx\n3\n");
      assertBadLine(answer, 6);
      JsonNode failed = service.await(answer.json().get("job").stringValue());
      assertThat(failed.get("state").stringValue()).isEqualTo("FAILED");
      assertThat(failed.get("stopReason").stringValue()).isEqualTo("uploadRefused");
      assertThat(failed.get("error").get("message").stringValue())
          .contains("line 6: not valid JSON")
          .doesNotContain("broke off");
      assertThat(failed.get("items").get("total").intValue()).isEqualTo(2);
    }
    assertThat(postLines("/api/v1/jobs", "\n\n{]").body()).contains("line 3: not valid JSON");
    assertThat(postLines("/api/v1/jobs", "").status()).isEqualTo(400);
    assertThat(postLines("/api/v1/jobs", "{\"function\": \"nope\"}\n1").status()).isEqualTo(422);
    assertThat(postLines("/api/v1/jobs", "{\"function\": \"gcd\", \"inputs\": [1]}\n1").status())
        .isEqualTo(400);
  }

  private static void assertBadLine(Service.Answer answer, int line) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(400);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
        .isEqualTo("line " + line);
    assertThat(answer.body()).contains("not valid JSON", "jq -R .");
  }

  @Test
  void linesThatAreSentAsOneJsonBodyArePointedAtTheirType() {
    String named = "{\"function\": \"sum_of_squares\", \"name\": \"lines\"}\n1\n2\n";
    for (String body : List.of(named, DOUBLE + DOUBLE)) {
      var answer = service.post("/api/v1/jobs", body);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("errors").get(0).get("pointer").stringValue()).isEmpty();
      assertThat(answer.body()).contains("application/x-ndjson");
    }
  }

  @Test
  void aBadLineThatIsAppendedLeavesThoseBeforeIt() {
    String id = service.submit(python("def f(x): return -x", "{\"open\": true}"));
    String inputs = "/api/v1/jobs/" + id + "/inputs";
    var answer = postLines(inputs, "1\n\n2\n" + "3\n".repeat(200_000) + "x y\n4\n");
    assertBadLine(answer, 200_004);
    assertThat(answer.json().get("stored").longValue()).isEqualTo(200_002);
    assertThat(answer.body()).contains("items of this request that are stored: 200002");
    assertThat(total(id)).isEqualTo(200_002);
    assertThat(postLines(inputs, "text\n").json().get("stored").longValue()).isZero();
    assertThat(appendUnder("k", id, "5\n6\nx").json().get("stored").longValue()).isEqualTo(2);
    assertThat(appendUnder("k", id, "5\n6\n7\nx").json().get("stored").longValue()).isEqualTo(3);
    assertThat(total(id)).isEqualTo(200_005);
    service.cancelled(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 2", "2026-11-28", "01234", "{\"a\":1}{\"b\":2}", "12\"a\"", "[1],"})
  void aLineWithMoreThanOneValueIsRefusedAsAWhole(String line) {
    var upload = postLines("/api/v1/jobs?wait=60", DOUBLE + "7\n" + line + "\n8\n");
    assertBadLine(upload, 3);
    String id = service.submit(python("def f(x): return -x", "{\"open\": true}"));
    var append = postLines("/api/v1/jobs/" + id + "/inputs", "7\n\n" + line + "\n8\n");
    assertBadLine(append, 3);
    assertThat(append.json().get("stored").longValue()).isEqualTo(1);
    assertThat(total(id)).isEqualTo(1);
    service.cancelled(id);
  }

  @Test
  void aJobHasNoMoreItemsThanItMayHave() {
    try (var small = Service.start(Service.newDirectory(), "--manyhands.limits.items=100")) {
      String id = small.submit(python("def f(x): return -x", "{\"open\": true}"));
      String lines = "1\n".repeat(150);
      for (long stored : List.of(100L, 0L)) {
        var answer = postLines(small, "/api/v1/jobs/" + id + "/inputs", lines);
        assertThat(answer.status()).as("%s", answer).isEqualTo(413);
        assertThat(answer.json().get("stored").longValue()).isEqualTo(stored);
        assertThat(answer.body()).contains(stored == 0 ? "line 1:" : "line 101:");
      }
      var upload = postLines(small, "/api/v1/jobs", DOUBLE + lines);
      assertThat(upload.status()).as("%s", upload).isEqualTo(413);
      String uploaded = upload.json().get("job").stringValue();
      JsonNode ended = small.await(uploaded);
      assertThat(ended.get("items").get("total").longValue()).isEqualTo(100);
      assertThat(ended.get("state").stringValue()).isEqualTo("FAILED");
    }
  }

  @Test
  void aJobWithoutALineFeedBehindItIsRefused() {
    String job = DOUBLE.strip();
    for (String body : List.of(job + "345", job, job + " ", job + " 3\n4\n")) {
      var answer = postLines("/api/v1/jobs", body);
      assertThat(answer.status()).as(body).isEqualTo(400);
      assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
          .isEqualTo("line 1");
      assertThat(answer.body()).contains("--data-binary");
    }
    var answer = postLines("/api/v1/jobs?wait=60", job + " \t\r\n3");
    assertThat(answer.json().get("result").toString()).as("%s", answer).isEqualTo("[6]");
  }

  @Test
  void linesUnderOneKeyAreAppendedOnce() {
    String id = service.submit(python("def f(x): return -x", "{\"open\": true}"));
    String lines = "1\n[2]\n\"3\"\n";
    for (int i = 0; i < 3; i++) {
      assertThat(appendUnder("a", id, lines).status()).isEqualTo(202);
    }
    assertThat(total(id)).isEqualTo(3);
    for (String others : List.of("1\n[2]\n", lines + "4\n", "1\n[2]\n\"4\"\n", "", "9\n")) {
      var answer = appendUnder("a", id, others);
      assertThat(answer.status()).as(others).isEqualTo(422);
      assertThat(answer.body()).contains("Idempotency-Key", "new key");
    }
    assertThat(appendUnder("b", id, lines).status()).isEqualTo(202);
    assertThat(appendUnder("empty", id, "").status()).isEqualTo(202);
    assertThat(appendUnder("empty", id, "1\n").status()).isEqualTo(422);
    assertThat(appendUnder("", id, lines).status()).isEqualTo(400);
    assertThat(total(id)).isEqualTo(6);
    assertThat(service.post("/api/v1/jobs/" + id + "/close", "").status()).isEqualTo(202);
    assertThat(appendUnder("a", id, lines).status()).as("the first answer again").isEqualTo(202);
    assertThat(appendUnder("c", id, lines).status()).isEqualTo(409);
    assertThat(total(id)).isEqualTo(6);
  }

  @Test
  void linesThatWereCutGoOnUnderTheirKey() throws Exception {
    var doomed = Service.start(Service.newDirectory());
    String id = doomed.submit(python("def f(x): return -x", "{\"open\": true}"));
    String half = lines(0, 5_000);
    try (var cut = new Raw(doomed)) {
      cut.send(
          ("POST /api/v1/jobs/%s/inputs HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\n"
                  + "Content-Type: application/x-ndjson\r\nContent-Length: 100000000\r\n\r\n%s")
              .formatted(id, half));
      while (total(doomed, id) == 0) {
        Thread.onSpinWait();
      }
    }
    doomed.killMinus9();
    try (var again = doomed.again()) {
      long before = total(again, id);
      assertThat(before).isPositive().isLessThanOrEqualTo(5_000);
      assertThat(appendUnder(again, "k", id, lines(1, 5_001)).status()).isEqualTo(422);
      assertThat(total(again, id)).isEqualTo(before);
      for (int i = 0; i < 2; i++) {
        assertThat(appendUnder(again, "k", id, lines(0, 10_000)).status()).isEqualTo(202);
      }
      again.post("/api/v1/jobs/" + id + "/close", "");
      assertThat(again.await(id).get("items").get("total").longValue()).isEqualTo(10_000);
      List<JsonNode> results = again.results(id);
      for (int i = 0; i < 10_000; i++) {
        assertThat(results.get(i).longValue()).isEqualTo(-i);
      }
    }
  }

  private static String lines(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }

  private long total(String id) {
    return total(service, id);
  }

  private static long total(Service service, String id) {
    return service.get("/api/v1/jobs/" + id).json().get("items").get("total").longValue();
  }

  private Service.Answer appendUnder(String key, String id, String lines) {
    return appendUnder(service, key, id, lines);
  }

  private static Service.Answer appendUnder(Service to, String key, String id, String lines) {
    return to.send(
        to.request("/api/v1/jobs/" + id + "/inputs")
            .header("Content-Type", "application/x-ndjson")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofString(lines)));
  }

  @Test
  void anOpenJobTakesInputsUntilItIsClosed() {
    String id = service.submit(python("def f(x): return -x", "{\"open\": true}"));
    assertThat(postLines("/api/v1/jobs/" + id + "/inputs", "1\n2\n").status()).isEqualTo(202);
    while (service.results(id).size() < 2) {
      Thread.onSpinWait();
    }
    JsonNode open = service.get("/api/v1/jobs/" + id).json();
    assertThat(open.get("state").stringValue()).isEqualTo("RUNNING");
    assertThat(open.get("progress").get("fraction").isNull()).as("of how many?").isTrue();
    assertThat(open.get("progress").get("etaSeconds").isNull()).isTrue();
    for (int offset : List.of(0, 2)) {
      JsonNode page = service.get("/api/v1/jobs/" + id + "/results?offset=" + offset).json();
      assertThat(page.get("next").toString()).as("more may come").isEqualTo("2");
    }
    assertThat(postLines("/api/v1/jobs/" + id + "/inputs", "3\nx\n").status()).isEqualTo(400);
    assertThat(service.post("/api/v1/jobs/" + id + "/close", "").status()).isEqualTo(202);
    JsonNode ended = service.await(id);
    assertThat(ended.get("result").toString()).isEqualTo("[-1,-2,-3]");
    assertThat(ended.get("progress").get("fraction").doubleValue()).isEqualTo(1);
    assertThat(postLines("/api/v1/jobs/" + id + "/inputs", "4\n").status()).isEqualTo(409);
    String empty = service.submit(python("def f(x): return -x", "{\"open\": true}"));
    assertThat(service.post("/api/v1/jobs/" + empty + "/close", "").status()).isEqualTo(202);
    assertThat(service.await(empty).get("state").stringValue()).isEqualTo("SUCCEEDED");
  }

  @Test
  void aCloseThatIsSentAgainIsNoError() {
    String id =
        service.submit(python("def f(x): return -x", "{\"open\": true}", "\"paused\": true"));
    String close = "/api/v1/jobs/" + id + "/close";
    postLines("/api/v1/jobs/" + id + "/inputs", "1\n2\n");
    for (int status : List.of(202, 200, 200)) {
      var answer = service.post(close, "");
      assertThat(answer.status()).as("%s", answer).isEqualTo(status);
      assertThat(answer.json().get("inputsOpen").booleanValue()).isFalse();
      assertThat(answer.json().get("items").get("total").intValue()).isEqualTo(2);
      assertThat(answer.json().get("progress").get("fraction").doubleValue()).isZero();
    }
    var late = postLines("/api/v1/jobs/" + id + "/inputs", "3\n");
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.body()).contains("are closed");
    service.patch("/api/v1/jobs/" + id, "{\"paused\": false}");
    assertThat(service.await(id).get("result").toString()).isEqualTo("[-1,-2]");
    assertThat(service.post(close, "").status()).isEqualTo(200);

    String cancelled = service.submit(python("def f(x): return -x", "{\"open\": true}"));
    service.cancelled(cancelled);
    var answer = service.post("/api/v1/jobs/" + cancelled + "/close", "");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("state").stringValue()).isEqualTo("CANCELLED");

    String never = service.submit(python("def f(x): return -x", "[1]", "\"paused\": true"));
    assertNotOpen(service.post("/api/v1/jobs/" + never + "/close", ""), "not open");
  }

  @Test
  void anOpenJobSurvivesAKilledService() throws Exception {
    var doomed = Service.start(Service.newDirectory());
    String id = doomed.submit(python("def f(x): return -x", "{\"open\": true}"));
    assertThat(postLines(doomed, "/api/v1/jobs/" + id + "/inputs", "1\n2\n").status())
        .isEqualTo(202);
    doomed.killMinus9();
    try (var again = doomed.again()) {
      assertThat(postLines(again, "/api/v1/jobs/" + id + "/inputs", "3\n").status()).isEqualTo(202);
      assertThat(again.post("/api/v1/jobs/" + id + "/close", "").status()).isEqualTo(202);
      assertThat(again.post("/api/v1/jobs/" + id + "/close", "").status()).isEqualTo(200);
      assertThat(again.await(id).get("result").toString()).isEqualTo("[-1,-2,-3]");
    }
  }

  @Test
  void resultsFollowAJobToItsEnd() throws Exception {
    String id = service.submit(python("def f(x): return -x", "{\"open\": true}"));
    var request =
        service
            .request("/api/v1/jobs/" + id + "/results?follow=true")
            .header("Accept", "application/x-ndjson")
            .build();
    try (var client = HttpClient.newHttpClient()) {
      var lines = client.send(request, BodyHandlers.ofLines()).body().iterator();
      for (int i = 1; i <= 3; i++) {
        postLines("/api/v1/jobs/" + id + "/inputs", i + "\n");
        assertThat(lines.next()).isEqualTo("{\"index\":" + (i - 1) + ",\"value\":-" + i + "}");
      }
      service.post("/api/v1/jobs/" + id + "/close", "");
      assertThat(lines.next())
          .isEqualTo("{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}");
      assertThat(lines.hasNext()).isFalse();
    }
    var resumed =
        service.send(
            service
                .request("/api/v1/jobs/" + id + "/results?follow=true&from=2")
                .header("Accept", "application/x-ndjson"));
    assertThat(resumed.body()).startsWith("{\"index\":2,\"value\":-3}\n{\"end\"");
    assertThat(service.get("/api/v1/jobs/" + id + "/results?follow=true").status()).isEqualTo(400);
  }

  @Test
  void aBadLineOfAFormIsNamed() {
    String job = "--xyz\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n" + DOUBLE + "\r\n";
    String inputs =
        "--xyz\r\nContent-Disposition: form-data; name=\"inputs\"; filename=\"i\"\r\n\r\n"
            + "1\n\n\nx\n\r\n";
    for (String form : List.of(job + inputs, inputs + job)) {
      var answer =
          service.send(
              service
                  .request("/api/v1/jobs?wait=30")
                  .header("Content-Type", "multipart/form-data; boundary=xyz")
                  .POST(BodyPublishers.ofString(form + "--xyz--\r\n")));
      assertBadLine(answer, 4);
      assertThat(answer.json().has("job")).as("its job had begun").isEqualTo(form.startsWith(job));
    }
  }

  @Test
  void aJobComesAsAForm() {
    String boundary = "xyz";
    String form =
        "--xyz\r\nContent-Disposition: form-data; name=\"inputs\"; filename=\"i\"\r\n\r\n1\n2\n3\n\r\n"
            + "--xyz\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n"
            + DOUBLE
            + "\r\n--xyz--\r\n";
    var answer =
        service.send(
            service
                .request("/api/v1/jobs?wait=30")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofString(form)));
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(answer.json().get("result").toString()).isEqualTo("[2,4,6]");
  }

  @Test
  void linesAndFormsSayWhichWaitWasApplied() {
    String form =
        "--xyz\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n"
            + DOUBLE
            + "\r\n--xyz\r\nContent-Disposition: form-data; name=\"inputs\"; filename=\"i\"\r\n\r\n"
            + "1\n2\n3\n\r\n--xyz--\r\n";
    assertWaitApplied("application/x-ndjson", DOUBLE + "1\n2\n3\n");
    assertWaitApplied("multipart/form-data; boundary=xyz", form);
  }

  private void assertWaitApplied(String type, String body) {
    var preferring =
        service.send(
            service
                .request("/api/v1/jobs")
                .header("Content-Type", type)
                .header("Prefer", "wait=60")
                .POST(BodyPublishers.ofString(body)));
    assertThat(preferring.status()).as("%s", preferring).isEqualTo(200);
    assertThat(preferring.header("Preference-Applied")).isEqualTo("wait=60");
    assertThat(preferring.json().get("result").toString()).isEqualTo("[2,4,6]");
    var told =
        service.send(
            service
                .request("/api/v1/jobs?wait=60")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body)));
    assertThat(told.header("Preference-Applied")).as("of a query").isEmpty();
    var preferringElse =
        service.send(
            service
                .request("/api/v1/jobs?wait=60")
                .header("Content-Type", type)
                .header("Prefer", "handling=strict")
                .POST(BodyPublishers.ofString(body)));
    assertThat(preferringElse.header("Preference-Applied")).as("of a query").isEmpty();
  }

  @Test
  void aRepeatedCloseEndsAJobWhoseFirstCloseTheSchedulerNeverHeardOf() throws Exception {
    Path directory = Service.newDirectory();
    try (var own = Service.start(directory)) {
      String id = own.submit(python("def f(x): return x", "{\"open\": true}"));
      postLines(own, "/api/v1/jobs/" + id + "/inputs", "1\n2\n");
      // As if the service had failed between its store and its scheduler.
      String database = "jdbc:sqlite:" + directory.resolve("data/manyhands.db");
      try (var connection = DriverManager.getConnection(database);
          var statement = connection.createStatement()) {
        statement.execute("PRAGMA busy_timeout = 10000");
        statement.execute("UPDATE job SET inputs_open = 0 WHERE id = '" + id + "'");
      }
      assertThat(own.post("/api/v1/jobs/" + id + "/close", "").status()).isEqualTo(200);
      assertThat(own.await(id).get("result").toString()).isEqualTo("[1,2]");
    }
  }

  @Test
  void aFormWithoutItsLastBoundaryWasCut() {
    String job = "--xyz\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n" + DOUBLE + "\r\n";
    String inputs =
        "--xyz\r\nContent-Disposition: form-data; name=\"inputs\"; filename=\"i\"\r\n\r\n"
            + "1\n2\n\r\n";
    for (String form : List.of(job + inputs, inputs + job)) {
      for (String end : List.of("--xyz-", "--xyz", "--xyzab")) {
        var answer =
            service.send(
                service
                    .request("/api/v1/jobs?wait=30")
                    .header("Content-Type", "multipart/form-data; boundary=xyz")
                    .POST(BodyPublishers.ofString(form + end)));
        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        if (form.startsWith(job)) {
          JsonNode cut = service.await(answer.json().get("job").stringValue());
          assertThat(cut.get("stopReason").stringValue()).isEqualTo("uploadCut");
        } else {
          assertThat(answer.body()).contains("cut off");
        }
      }
    }
  }

  private Service.Answer postLines(String path, String lines) {
    return postLines(service, path, lines);
  }

  private static Service.Answer postLines(Service service, String path, String lines) {
    return service.send(
        service
            .request(path)
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofString(lines)));
  }

  private static void chunk(OutputStream out, String text) throws IOException {
    write(out, Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
