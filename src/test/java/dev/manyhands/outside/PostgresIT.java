package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The data of each kind of job on PostgreSQL, before and after a kill. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresIT {
  private static final String JOBS = "/api/v1/jobs/";
  private static final String IDENTITY = "def f(x): return x";
  private static final String SLOW = "import time\ndef f(x):\n    time.sleep(0.01)\n    return x";

  private Service service;
  private HttpServer receiver;
  private final LinkedBlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();

  @TempDir private Path gates;

  @BeforeAll
  void start() throws IOException {
    Requirements.python();
    service = onNewDatabase();
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          received.add(Service.json(new String(body, StandardCharsets.UTF_8)));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    receiver.start();
  }

  /** A service with a database of its own. */
  private static Service onNewDatabase() {
    return Service.start(
        Service.newDirectory(),
        SharedPostgres.settings(
            SharedPostgres.newDatabase(),
            "--manyhands.workers.slots=2",
            "--manyhands.callback.allow-private=true",
            "--manyhands.callback.secret=whsec_YSBrZXkgb2YgdHdlbnR5LWZvdXIgYnl0ZQ=="));
  }

  @AfterAll
  void stop() throws IOException {
    service.close();
    receiver.stop(0);
  }

  @Test
  void resultsAreReducedAndJobsEndEarly() {
    var sum = service.run(python("def f(x): return x * 0.1", range(10_000), "\"reduce\": \"sum\""));
    assertThat(sum.get("result").toString()).isEqualTo("4999500.0");
    var found =
        service.run(
            python("def f(x): return x == 6 and [x]", range(1_000), "\"reduce\": \"find\""));
    assertThat(found.get("result").toString()).isEqualTo("{\"index\":6,\"value\":[6]}");
    assertThat(found.get("stopReason").stringValue()).isEqualTo("find");
    var stopped = service.run(python(SLOW, range(100_000), "\"stopWhen\": {\"equals\": 7}"));
    assertThat(state(stopped)).isEqualTo("SUCCEEDED");
    assertThat(stopped.get("stopReason").stringValue()).isEqualTo("stopWhen");
    assertThat(items(stopped, "skipped")).isGreaterThan(90_000);
    assertThat(items(stopped, "done")).isEqualTo(100_000);
  }

  @Test
  void aJobsResultsAreTheNextOnesInputs() {
    String first = service.submit(python(SLOW, range(50)));
    String second = service.submit(python("def f(x): return 2 * x", results(first)));
    String third = service.submit(python(IDENTITY, results(second), "\"reduce\": \"max\""));
    String last = service.submit(python(IDENTITY, "[1]", "\"after\": [\"" + third + "\"]"));
    assertThat(state(service.await(last))).isEqualTo("SUCCEEDED");
    assertThat(service.await(third).get("result").longValue()).isEqualTo(98);
    assertThat(service.results(second)).hasSize(50);
    String bad = service.submit(python("def f(x): return 1 / x", "[0]"));
    var job = service.run(python(IDENTITY, "[1]", "\"after\": [\"" + bad + "\"]"));
    assertThat(job.get("error").get("kind").stringValue()).isEqualTo("DEPENDENCY");
  }

  @Test
  void aJobStartsNotBeforeItsTime() {
    Instant at = Instant.now().plusMillis(500);
    var job = service.run(python(IDENTITY, "[1]", "\"notBefore\": \"" + at + "\""));
    assertThat(Instant.parse(job.get("startedAt").stringValue())).isAfter(at.minusMillis(1));
    assertThat(Instant.parse(job.get("notBefore").stringValue()))
        .isCloseTo(at, within(1, ChronoUnit.MILLIS));
  }

  @Test
  void aJobIsForgottenAfterItsTime() {
    // Not waited for: a slow machine may forget the job before its end is looked at.
    String id = service.submit(python(IDENTITY, "[1]", "\"ttl\": 0.1"));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    int status = 200;
    while (status == 200 && System.nanoTime() < deadline) {
      status = service.get(JOBS + id).status();
    }
    assertThat(status).isEqualTo(404);
    assertThat(service.get(JOBS + id + "/results").status()).isEqualTo(404);
  }

  @Test
  void failedItemsAreTriedAgainAndThenRetriedAlone() throws IOException {
    Path fixed = gates.resolve("fixed");
    String code =
        "import os\ndef f(x):\n    if x % 10 == 3 and not os.path.exists("
            + Service.quote(fixed.toString())
            + "): raise OSError(x)\n    return x";
    var job = service.run(python(code, range(50), "\"retry\": {\"error\": 2, \"backoff\": 0.01}"));
    assertThat(items(job, "failed")).isEqualTo(5);
    String url = JOBS + job.get("id").stringValue();
    JsonNode error = service.get(url + "/results").json().get("errors").get(4);
    assertThat(error.get("index").intValue()).isEqualTo(43);
    assertThat(error.get("attempts").intValue()).isEqualTo(2);
    Files.createFile(fixed);
    var retried = service.await(service.post(url + "/retry", "").json().get("id").stringValue());
    assertThat(retried.get("result").toString()).isEqualTo("[3,13,23,33,43]");
    assertThat(retried.get("parentId")).isEqualTo(job.get("id"));
  }

  @Test
  void aCallbackIsDeliveredOnceAndItsLogIsThere() throws Exception {
    String callback = "\"callback\": {\"url\": \"" + hook() + "?token=secret\"}";
    String id = service.submit(python(IDENTITY, "[5]", callback));
    JsonNode message;
    do {
      message = received.poll(30, TimeUnit.SECONDS);
      assertThat(message).isNotNull();
    } while (!message.get("data").get("id").stringValue().equals(id));
    JsonNode log;
    do {
      log = service.get(JOBS + id + "/callback").json();
    } while (log.get("state").stringValue().equals("PENDING"));
    assertThat(log.get("state").stringValue()).isEqualTo("DELIVERED");
    assertThat(log.get("attempts")).hasSize(1);
    assertThat(log.get("attempts").get(0).get("status").intValue()).isEqualTo(204);
    assertThat(log.toString()).doesNotContain("token");
  }

  private String hook() {
    return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
  }

  @Test
  void aComparisonRunsAndIsKept() {
    var answer =
        service.post(
            "/api/v1/comparisons?wait=100",
            "{\"job\": "
                + python(IDENTITY, range(100))
                + ", \"variants\": [{\"workers\": 1}, {\"threads\": 2}], \"rounds\": 2}");
    assertThat(answer.json().get("state").stringValue()).as("%s", answer).isEqualTo("FINISHED");
    assertThat(answer.json().get("sameResults").booleanValue()).isTrue();
    String place = answer.json().get("links").get("self").stringValue();
    assertThat(service.get(place).json().get("variants")).isEqualTo(answer.json().get("variants"));
    assertThat(service.delete(place).status()).isEqualTo(204);
    assertThat(service.get(place).status()).isEqualTo(404);
  }

  @Test
  void aJobIsPausedChangedAndGoesOn() {
    String id = service.submit(python(SLOW, range(200)));
    for (int i = 0; i < 3; i++) {
      assertThat(service.patch(JOBS + id, "{\"paused\": true}").json().get("paused").booleanValue())
          .isTrue();
      service.get(JOBS + id + "?wait=0.05");
      service.patch(JOBS + id, "{\"paused\": false, \"priority\": 7, \"workers\": 1}");
    }
    var job = service.await(id);
    assertThat(job.get("priority").intValue()).isEqualTo(7);
    assertThat(service.results(id).stream().map(JsonNode::longValue))
        .containsExactlyElementsOf(LongStream.range(0, 200).boxed().toList());
    assertThat(service.patch(JOBS + id, "{\"priority\": 1}").status()).isEqualTo(409);
  }

  @Test
  void jobsAndResultsComeInPagesAndFiltered() {
    var ids = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      String labels = "\"labels\": {\"ünï:code\": \"" + i % 2 + "\"}";
      ids.addFirst(
          service
              .run(python("def pager(x): return x", "[1, 2, 3]", labels))
              .get("id")
              .stringValue());
    }
    var listed = new ArrayList<String>();
    String cursor = "";
    do {
      JsonNode page = service.get("/api/v1/jobs?function=pager&limit=2" + cursor).json();
      page.get("jobs").forEach(job -> listed.add(job.get("id").stringValue()));
      cursor = page.get("next").isNull() ? "" : "&cursor=" + page.get("next").stringValue();
    } while (!cursor.isEmpty());
    assertThat(listed).isEqualTo(ids);
    assertThat(service.get("/api/v1/jobs?function=pager&state=succeeded").json().get("jobs"))
        .hasSize(5);
    assertThat(service.get("/api/v1/jobs?since=2100-01-01T00:00:00Z").json().get("jobs")).isEmpty();
    JsonNode page = service.get(JOBS + ids.getFirst() + "/results?offset=1&limit=1").json();
    assertThat(page.get("results").toString()).isEqualTo("[2]");
    assertThat(page.get("next").intValue()).isEqualTo(2);
    String tag = service.get(JOBS + ids.getFirst()).header("ETag");
    assertThat(
            service
                .send(service.request(JOBS + ids.getFirst()).header("If-None-Match", tag))
                .status())
        .isEqualTo(304);
    assertThat(service.delete(JOBS + ids.getFirst()).status()).isEqualTo(204);
    assertThat(service.get("/api/v1/jobs?function=pager").json().get("jobs")).hasSize(4);
  }

  @Test
  void theSameKeyIsTheSameJob() {
    String body = python(IDENTITY, "[1]");
    var ids = new ArrayList<String>();
    for (int i = 0; i < 2; i++) {
      var answer =
          service.send(
              service
                  .request("/api/v1/jobs")
                  .header("Content-Type", "application/json")
                  .header("Idempotency-Key", "k")
                  .POST(BodyPublishers.ofString(body)));
      ids.add(answer.json().get("id").stringValue());
    }
    assertThat(ids.get(1)).isEqualTo(ids.get(0));
  }

  /** One kill for all that must outlive it. */
  @Test
  void whatIsUnderWaySurvivesAKill() throws Exception {
    Path open = gates.resolve("open");
    String gated =
        "import os, time\ndef f(x):\n    while x >= 60 and not os.path.exists("
            + Service.quote(open.toString())
            + "): time.sleep(0.01)\n    return x";
    var before = onNewDatabase();
    String all =
        before.submit(python(gated, range(120), "\"workers\": 1", "\"chunking\": {\"size\": 5}"));
    String summed =
        before.submit(
            python(
                gated,
                range(120),
                "\"workers\": 1",
                "\"chunking\": {\"size\": 5}",
                "\"reduce\": \"sum\""));
    for (String id : List.of(all, summed)) {
      while (items(before.get(JOBS + id + "?wait=0.02").json(), "done") < 30) {
        assertThat(before.get(JOBS + id).json().get("finishedAt").isNull()).isTrue();
      }
    }
    String next = before.submit(python(IDENTITY, results(all), "\"reduce\": \"mean\""));
    String after = before.submit(python(IDENTITY, "[1]", "\"after\": [\"" + summed + "\"]"));
    String later =
        before.submit(
            python(IDENTITY, "[1]", "\"notBefore\": \"" + Instant.now().plusSeconds(2) + "\""));
    String share = before.submit(python(IDENTITY, range(10), "\"maxFailures\": \"5%\""));
    String held = before.submit(python(IDENTITY, "[1]", "\"paused\": true"));
    before.patch(JOBS + held, "{\"priority\": 2, \"workers\": 3, \"maxFailures\": 4}");
    String told =
        before.submit(
            python(
                gated, "[60]", "\"priority\": 0", "\"callback\": {\"url\": \"" + hook() + "\"}"));
    String comparison =
        before
            .post(
                "/api/v1/comparisons",
                "{\"job\": "
                    + python(gated, "[60, 61]")
                    + ", \"variants\": [{}, {\"threads\": 2}], \"rounds\": 1}")
            .json()
            .get("links")
            .get("self")
            .stringValue();
    before.killMinus9();
    Files.createFile(open);

    try (var again = before.again()) {
      assertThat(state(again.await(all))).isEqualTo("SUCCEEDED");
      assertThat(again.results(all).stream().map(JsonNode::longValue))
          .containsExactlyElementsOf(LongStream.range(0, 120).boxed().toList());
      assertThat(again.await(summed).get("result").longValue()).isEqualTo(119 * 120 / 2);
      assertThat(again.await(next).get("result").doubleValue()).isEqualTo(59.5);
      for (String id : List.of(after, later, told)) {
        assertThat(state(again.await(id))).isEqualTo("SUCCEEDED");
      }
      assertThat(again.get(JOBS + share).json().get("maxFailures").stringValue()).isEqualTo("5%");
      JsonNode still = again.get(JOBS + held).json();
      assertThat(still.get("paused").booleanValue()).isTrue();
      assertThat(still.get("priority").intValue()).isEqualTo(2);
      assertThat(still.get("workers").intValue()).isEqualTo(3);
      assertThat(still.get("maxFailures").intValue()).isEqualTo(4);
      again.patch(JOBS + held, "{\"paused\": false}");
      assertThat(state(again.await(held))).isEqualTo("SUCCEEDED");
      JsonNode compared = again.get(comparison + "?wait=100").json();
      assertThat(compared.get("state").stringValue()).isEqualTo("FINISHED");
      JsonNode log;
      do {
        log = again.get(JOBS + told + "/callback").json();
      } while (log.get("state").stringValue().equals("PENDING"));
      assertThat(log.get("state").stringValue()).isEqualTo("DELIVERED");
    }
  }

  private static String state(JsonNode job) {
    return job.get("state").stringValue();
  }

  private static long items(JsonNode job, String count) {
    return job.get("items").get(count).longValue();
  }

  private static String range(int stop) {
    return "{\"range\": {\"stop\": " + stop + "}}";
  }

  private static String results(String id) {
    return "{\"results\": \"" + id + "\"}";
  }
}
