package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Jobs after jobs, jobs later, and what happens when they have ended. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FlowIT {
  private static final String TWICE = "def f(x): return 2 * x";
  private static final String SLOW = "import time\ndef f(x):\n  time.sleep(0.01)\n  return x + 1";
  private static final byte[] KEY = "a key of twenty-four byte".getBytes(StandardCharsets.UTF_8);

  private Service service;

  @TempDir private Path gates;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory(), "--manyhands.callback.allow-private=true");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void resultsOfOneJobAreInputsOfTheNextAndOfTheOneAfterThat() {
    String first = service.submit(python(SLOW, "{\"range\": {\"stop\": 200}}"));
    String second = service.submit(python(TWICE, results(first)));
    String third =
        service.submit(python("def f(x): return x + 0.5", results(second), "\"reduce\": \"sum\""));
    assertThat(state(second)).isIn("WAITING", "QUEUED", "RUNNING", "SUCCEEDED");
    var job = service.await(third);
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(job.get("items").get("total").intValue()).isEqualTo(200);
    assertThat(job.get("result").doubleValue()).isEqualTo(2 * 200 * 201 / 2 + 100);
    assertThat(service.results(second).stream().map(JsonNode::longValue))
        .containsExactlyElementsOf(LongStream.range(0, 200).map(x -> 2 * (x + 1)).boxed().toList());
  }

  @Test
  void aReducedResultIsOneInput() {
    String sum = service.submit(python(TWICE, "[1, 2, 3]", "\"reduce\": \"sum\""));
    String next = service.submit(python(TWICE, results(sum)));
    assertThat(service.await(next).get("result").toString()).isEqualTo("[24]");
  }

  @Test
  void aJobWaitsForAllItComesAfter() throws Exception {
    Path gate = gates.resolve("before");
    String gated =
        "import os, time\ndef f(x):\n  while not os.path.exists(%s): time.sleep(0.01)\n  return x"
            .formatted(Service.quote(gate.toString()));
    var before = new ArrayList<String>();
    for (int i = 0; i < 3; i++) {
      before.add(service.submit(python(gated, "{\"range\": {\"stop\": 60}}")));
    }
    String id = service.submit(python(TWICE, "[1]", after(before)));
    assertThat(state(id)).isEqualTo("WAITING");
    Files.createFile(gate);
    var job = service.await(id);
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    for (String other : before) {
      var end = Instant.parse(service.await(other).get("finishedAt").stringValue());
      assertThat(Instant.parse(job.get("startedAt").stringValue())).isAfterOrEqualTo(end);
    }
  }

  @Test
  void aJobAfterOneThatFailsFailsTooAndSoOn() {
    String bad = service.submit(python("def f(x): return 1 // x", "[1, 0]"));
    String next = service.submit(python(TWICE, "[1]", after(List.of(bad))));
    String last = service.submit(python(TWICE, results(next)));
    for (String id : List.of(next, last)) {
      var job = service.await(id);
      assertThat(job.get("state").stringValue()).isEqualTo("FAILED");
      assertThat(job.get("stopReason").stringValue()).isEqualTo("dependency");
      assertThat(job.get("error").get("kind").stringValue()).isEqualTo("DEPENDENCY");
    }
    assertThat(service.await(next).get("items").get("skipped").intValue()).isEqualTo(1);
  }

  @Test
  void aWaitingJobCanBeChangedAndCancelled() {
    String first = service.submit(python(TWICE, "[1]", "\"paused\": true"));
    String second = service.submit(python(TWICE, "[1]", after(List.of(first))));
    String third = service.submit(python(TWICE, "[1]", after(List.of(second))));
    assertThat(service.post("/api/v1/jobs/" + second + "/cancel", "").status()).isEqualTo(202);
    assertThat(service.await(second).get("state").stringValue()).isEqualTo("CANCELLED");
    assertThat(service.await(third).get("state").stringValue()).isEqualTo("FAILED");
    service.cancelled(first);
  }

  @Test
  void aJobStartsNotBeforeItsTime() {
    Instant at = Instant.now().plusMillis(700);
    String id = service.submit(python(TWICE, "[1]", "\"notBefore\": \"" + at + "\""));
    String early = state(id);
    // On a busy machine its time may have come before the answer.
    if (Instant.now().isBefore(at)) {
      assertThat(early).isEqualTo("WAITING");
    }
    var job = service.await(id);
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(Instant.parse(job.get("startedAt").stringValue())).isAfter(at.minusMillis(1));
  }

  @Test
  void whatWaitsSurvivesKillMinus9() throws Exception {
    var one = Service.start(Service.newDirectory());
    String first = one.submit(python(SLOW, "{\"range\": {\"stop\": 100}}"));
    String second = one.submit(python(TWICE, results(first)));
    String later =
        one.submit(python(TWICE, "[4]", "\"notBefore\": \"" + Instant.now().plusSeconds(4) + "\""));
    one.killMinus9();
    try (var two = one.again()) {
      assertThat(two.await(second).get("state").stringValue()).isEqualTo("SUCCEEDED");
      assertThat(two.results(second)).hasSize(100);
      assertThat(two.await(later).get("result").toString()).isEqualTo("[8]");
    }
  }

  @Test
  void aJobIsForgottenWhenItsTimeIsOver() {
    // Not waited for: a slow machine may forget the job before its end is looked at.
    String url = "/api/v1/jobs/" + service.submit(python(TWICE, "[1]", "\"ttl\": 0.2"));
    var deadline = Instant.now().plus(Duration.ofSeconds(20));
    int status = 200;
    while (status == 200 && Instant.now().isBefore(deadline)) {
      status = service.get(url).status();
    }
    assertThat(status).isEqualTo(404);
  }

  @Test
  void onlyFailedItemsAreRetriedByAJobOfTheirOwn() {
    String code = "def f(x): return 60 // (x % 10)";
    var job =
        service.run(python(code, "{\"range\": {\"stop\": 50}}", "\"labels\": {\"a\": \"b\"}"));
    assertThat(job.get("items").get("failed").intValue()).isEqualTo(5);
    String id = job.get("id").stringValue();
    var answer = service.post("/api/v1/jobs/" + id + "/retry", "{\"only\": \"failed\"}");
    assertThat(answer.status()).isEqualTo(202);
    var retried = service.await(answer.json().get("id").stringValue());
    assertThat(retried.get("parentId").stringValue()).isEqualTo(id);
    assertThat(retried.get("labels").get("a").stringValue()).isEqualTo("b");
    assertThat(retried.get("items").get("total").intValue()).isEqualTo(5);
    assertThat(retried.get("items").get("failed").intValue()).isEqualTo(5);
    var fine = service.run(python(TWICE, "[1]"));
    String none = "/api/v1/jobs/" + fine.get("id").stringValue() + "/retry";
    assertThat(service.post(none, "").status()).isEqualTo(409);
    assertThat(service.post(none, "{\"only\": \"some\"}").status()).isEqualTo(422);
  }

  @Test
  void whatNeverRanIsRetriedWhenAskedFor() {
    String stopping = "def f(x): return x";
    var job =
        service.run(
            python(
                stopping,
                "{\"range\": {\"stop\": 5000}}",
                "\"stopWhen\": {\"equals\": 3}",
                "\"chunking\": {\"size\": 10}"));
    long skipped = job.get("items").get("skipped").longValue();
    assertThat(skipped).isPositive();
    String url = "/api/v1/jobs/" + job.get("id").stringValue() + "/retry";
    var retried = service.post(url, "{\"only\": \"unfinished\"}").json();
    assertThat(retried.get("items").get("total").longValue()).isEqualTo(skipped);
    service.await(retried.get("id").stringValue());
  }

  @Test
  void theEndOfAJobIsPostedSigned() throws Exception {
    var received = new LinkedBlockingQueue<List<String>>();
    var receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/hook",
        exchange -> {
          var headers = exchange.getRequestHeaders();
          received.add(
              List.of(
                  headers.getFirst("webhook-id"),
                  headers.getFirst("webhook-timestamp"),
                  headers.getFirst("webhook-signature"),
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    receiver.start();
    try {
      String secret = "whsec_" + Base64.getEncoder().encodeToString(KEY);
      String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
      String id =
          service.submit(
              python(
                  TWICE,
                  "[21]",
                  "\"callback\": {\"url\": \"" + url + "\", \"secret\": \"" + secret + "\"}"));
      List<String> message = received.poll(30, TimeUnit.SECONDS);
      assertThat(message).isNotNull();
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
      String signed = message.get(0) + "." + message.get(1) + "." + message.get(3);
      byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      assertThat(message.get(2)).isEqualTo("v1," + Base64.getEncoder().encodeToString(signature));
      var body = Service.json(message.get(3));
      assertThat(body.get("data").get("id").stringValue()).isEqualTo(id);
      assertThat(body.get("data").get("result").toString()).isEqualTo("[42]");
      assertThat(service.get("/api/v1/jobs/" + id).body()).doesNotContain(secret);
      assertThat(service.get("/api/v1/jobs/" + id + "/callback").body()).doesNotContain(secret);
    } finally {
      receiver.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"after\": [\"x\"] | /after/0 | 400",
        "\"after\": [\"019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77\"] | /after/0 | 422",
        "\"notBefore\": \"tomorrow\" | /notBefore | 400",
        "\"ttl\": -1 | /ttl | 422",
        "\"callback\": {} | /callback/url | 400",
        "\"callback\": {\"url\": \"ftp://example.org\"} | /callback/url | 422"
      })
  void whatMakesNoSenseIsRefused(String more, String pointer, int status) {
    var answer = service.post("/api/v1/jobs", python(TWICE, "[1]", more));
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue()).isEqualTo(pointer);
  }

  private String state(String id) {
    return service.get("/api/v1/jobs/" + id).json().get("state").stringValue();
  }

  private static String results(String id) {
    return "{\"results\": \"" + id + "\"}";
  }

  private static String after(List<String> ids) {
    return "\"after\": [\"" + String.join("\", \"", ids) + "\"]";
  }
}
