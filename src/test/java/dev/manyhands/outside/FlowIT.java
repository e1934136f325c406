package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.CANCELLED;
import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.QUEUED;
import static dev.manyhands.outside.JobState.RUNNING;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static dev.manyhands.outside.JobState.WAITING;
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
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Jobs after jobs, jobs later, and what happens when they have ended. */
@RunningService("manyhands.callback.allow-private=true")
class FlowIT {
  private static final String TWICE = "def f(x): return 2 * x";
  private static final String SLOW = "import time\ndef f(x):\n  time.sleep(0.01)\n  return x + 1";
  private static final byte[] KEY = "a key of twenty-four byte".getBytes(StandardCharsets.UTF_8);

  private final Service service;

  @TempDir private Path gates;

  FlowIT(Service service) {
    this.service = service;
  }

  @Test
  void resultsOfOneJobAreInputsOfTheNextAndOfTheOneAfterThat() {
    var first = service.job().python(SLOW).range(200).submit();
    var second = service.job().python(TWICE).results(first.id()).submit();
    String half = "def f(x): return x + 0.5";
    var third = service.job().python(half).results(second.id()).reduce("sum").submit();
    assertThat(second.state()).isIn(WAITING, QUEUED, RUNNING, SUCCEEDED);
    var job = third.await();
    assertThat(job).hasState(SUCCEEDED);
    assertThat(job.get("items").get("total").intValue()).isEqualTo(200);
    assertThat(job.result().doubleValue()).isEqualTo(2 * 200 * 201 / 2 + 100);
    assertThat(second.results().stream().map(JsonNode::longValue))
        .containsExactlyElementsOf(LongStream.range(0, 200).map(x -> 2 * (x + 1)).boxed().toList());
  }

  @Test
  void aReducedResultIsOneInput() {
    var sum = service.job().python(TWICE).inputs(1, 2, 3).reduce("sum").submit();
    assertThat(service.job().python(TWICE).results(sum.id()).run()).hasResult("[24]");
  }

  @Test
  void aJobWaitsForAllItComesAfter() throws Exception {
    Path gate = gates.resolve("before");
    String gated =
        "import os, time\ndef f(x):\n  while not os.path.exists(%s): time.sleep(0.01)\n  return x"
            .formatted(Service.quote(gate.toString()));
    var before = new ArrayList<RunningJob>();
    for (int i = 0; i < 3; i++) {
      before.add(service.job().python(gated).range(60).submit());
    }
    String[] ids = before.stream().map(RunningJob::id).toArray(String[]::new);
    var after = service.job().python(TWICE).inputs(1).after(ids).submit();
    assertThat(after.state()).isEqualTo(WAITING);
    Files.createFile(gate);
    var job = after.await();
    assertThat(job).hasState(SUCCEEDED);
    for (RunningJob other : before) {
      var end = Instant.parse(other.await().get("finishedAt").stringValue());
      assertThat(Instant.parse(job.get("startedAt").stringValue())).isAfterOrEqualTo(end);
    }
  }

  @Test
  void aJobAfterOneThatFailsFailsTooAndSoOn() {
    var bad = service.job().python("def f(x): return 1 // x").inputs(1, 0).submit();
    var next = service.job().python(TWICE).inputs(1).after(bad.id()).submit();
    var last = service.job().python(TWICE).results(next.id()).submit();
    for (RunningJob each : List.of(next, last)) {
      var job = each.await();
      assertThat(job).hasState(FAILED).hasStopReason("dependency");
      assertThat(job.get("error").get("kind").stringValue()).isEqualTo("DEPENDENCY");
      assertThat(job.get("progress").get("fraction").isNull()).as("nothing ran").isTrue();
    }
    assertThat(next.await()).hasSkipped(1);
  }

  @Test
  void aWaitingJobCanBeChangedAndCancelled() {
    var first = service.job().python(TWICE).inputs(1).paused().submit();
    var second = service.job().python(TWICE).inputs(1).after(first.id()).submit();
    var third = service.job().python(TWICE).inputs(1).after(second.id()).submit();
    assertThat(second.cancel().status()).isEqualTo(202);
    assertThat(second.await()).hasState(CANCELLED);
    assertThat(third.await()).hasState(FAILED);
    first.cancelled();
  }

  @Test
  void aJobStartsNotBeforeItsTime() {
    Instant at = Instant.now().plusMillis(700);
    var later = service.job().python(TWICE).inputs(1).notBefore(at.toString()).submit();
    JobState early = later.state();
    // On a busy machine its time may have come before the answer.
    if (Instant.now().isBefore(at)) {
      assertThat(early).isEqualTo(WAITING);
    }
    var job = later.await();
    assertThat(job).hasState(SUCCEEDED);
    assertThat(Instant.parse(job.get("startedAt").stringValue())).isAfter(at.minusMillis(1));
  }

  @Test
  void whatWaitsSurvivesKillMinus9() throws Exception {
    var one = Service.start(Service.newDirectory());
    var first = one.job().python(SLOW).range(100).submit();
    var second = one.job().python(TWICE).results(first.id()).submit();
    String soon = Instant.now().plusSeconds(4).toString();
    var later = one.job().python(TWICE).inputs(4).notBefore(soon).submit();
    one.killMinus9();
    try (var two = one.again()) {
      var job = second.on(two).await();
      assertThat(job).hasState(SUCCEEDED);
      assertThat(job.results()).hasSize(100);
      assertThat(later.on(two).await()).hasResult("[8]");
    }
  }

  @Test
  void aJobIsForgottenWhenItsTimeIsOver() {
    // Not waited for: a slow machine may forget the job before its end is looked at.
    String url = service.job().python(TWICE).inputs(1).ttl(0.2).submit().path();
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
    var job = service.job().python(code).range(50).label("a", "b").run();
    assertThat(job).hasFailed(5);
    var answer = retry(job, "failed");
    assertThat(answer.status()).isEqualTo(202);
    var retried = new RunningJob(service, answer.json().get("id").stringValue()).await();
    assertThat(retried.get("parentId").stringValue()).isEqualTo(job.id());
    assertThat(retried.get("labels").get("a").stringValue()).isEqualTo("b");
    assertThat(retried.get("items").get("total").intValue()).isEqualTo(5);
    assertThat(retried).hasFailed(5);
    var fine = service.job().python(TWICE).inputs(1).run();
    assertThat(service.post(fine.path() + "/retry", "").status()).isEqualTo(409);
    assertThat(retry(fine, "some").status()).isEqualTo(422);
  }

  @Test
  void whatNeverRanIsRetriedWhenAskedFor() {
    String stopping = "def f(x): return x";
    var job = service.job().python(stopping).range(5000).stopWhenEquals(3).chunk(10).run();
    assertThat(job).hasSkippedMoreThan(0);
    var retried = retry(job, "unfinished").json();
    assertThat(retried.get("items").get("total").longValue()).isEqualTo(job.skipped());
    service.await(retried.get("id").stringValue());
  }

  private Service.Answer retry(FinishedJob job, String only) {
    return service.post(job.path() + "/retry", JobBuilder.json(Map.of("only", only)));
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
      var callback = Map.of("url", url, "secret", secret);
      var job = service.job().python(TWICE).inputs(21).option("callback", callback).submit();
      List<String> message = received.poll(30, TimeUnit.SECONDS);
      assertThat(message).isNotNull();
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
      String signed = message.get(0) + "." + message.get(1) + "." + message.get(3);
      byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      assertThat(message.get(2)).isEqualTo("v1," + Base64.getEncoder().encodeToString(signature));
      var body = Service.json(message.get(3));
      assertThat(body.get("data").get("id").stringValue()).isEqualTo(job.id());
      assertThat(body.get("data").get("result").toString()).isEqualTo("[42]");
      assertThat(service.get(job.path()).body()).doesNotContain(secret);
      assertThat(service.get(job.path() + "/callback").body()).doesNotContain(secret);
    } finally {
      receiver.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          after | ["x"] | /after/0 | 400
          after | ["019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77"] | /after/0 | 422
          notBefore | "tomorrow" | /notBefore | 400
          ttl | -1 | /ttl | 422
          callback | {} | /callback/url | 400
          callback | {"url": "ftp://example.org"} | /callback/url | 422
          """)
  void whatMakesNoSenseIsRefused(String option, String json, String pointer, int status) {
    var answer = service.job().python(TWICE).inputs(1).optionAsWritten(option, json).post();
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue()).isEqualTo(pointer);
  }
}
