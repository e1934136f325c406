package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Iterator;
import java.util.UUID;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers that follow a job are woken by each commit of its outcomes. No sign of life is due during
 * a test, so a reader that is not woken waits for ever.
 */
@RunningService("manyhands.streams.heartbeat=1h")
@Timeout(60)
class FollowIT {
  private final Service service;

  FollowIT(Service service) {
    this.service = service;
  }

  @ParameterizedTest
  @ValueSource(strings = {"input", "completion"})
  void anOutcomeArrivesWithItsCommitAndTheEndWithItsOwn(String order) throws Exception {
    RunningJob job = service.job().python("def f(x): return -x").open().submit();
    try (var client = HttpClient.newHttpClient()) {
      var lines = follow(client, job, order);
      for (int i = 0; i < 20; i++) {
        append(job, i + "\n");
        var line = Service.json(lines.next());
        assertThat(line.get("index").intValue()).isEqualTo(i);
        assertThat(line.get("value").intValue()).isEqualTo(-i);
      }
      service.post(job.path() + "/close", "");
      assertThat(lines.next())
          .isEqualTo("{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}");
    }
  }

  @Test
  void aReaderIsWokenByTheEndOfAJobThatRanNothing() throws Exception {
    RunningJob job = service.job().python("def f(x): return -x").open().submit();
    try (var client = HttpClient.newHttpClient()) {
      var lines = follow(client, job, "input");
      job.cancel();
      assertThat(lines.next())
          .isEqualTo("{\"end\":{\"state\":\"CANCELLED\",\"complete\":true,\"next\":null}}");
    }
  }

  @Test
  void anOpenJobIsAbandonedUnlessItIsFollowed() throws Exception {
    RunningJob done = submitWithLease("def f(x): return x", "done");
    append(done, "1\n");
    done.awaitDone(1);
    RunningJob left = submitWithLease("import time\ndef f(x): time.sleep(60)", "left");
    append(left, "1\n2\n");
    RunningJob followed = submitWithLease("def f(x): return -x", "followed");
    try (var client = HttpClient.newHttpClient()) {
      var lines = follow(client, followed, "input");
      // Lists do not count as requests about a job.
      Awaitility.await()
          .until(() ->
              states("left", "done").equals("CANCELLED \"abandoned\", SUCCEEDED \"abandoned\""));
      assertThat(states("followed")).isEqualTo("QUEUED null");
      assertThat(service.post(followed.path() + "/ping", "").status()).isEqualTo(204);
      append(followed, "3\n");
      assertThat(lines.next()).isEqualTo("{\"index\":0,\"value\":-3}");
      service.post(followed.path() + "/close", "");
      assertThat(lines.next()).contains("SUCCEEDED");
    }
    assertThat(left.view().get("items").get("skipped").longValue()).isEqualTo(2);
    var late = service.post(left.path() + "/ping", "");
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.body()).contains("has ended as CANCELLED (abandoned)");
    assertThat(left.view().get("idle").doubleValue()).isEqualTo(3);
    assertThat(service.post("/api/v1/jobs/" + new UUID(1, 1) + "/ping", "").status())
        .isEqualTo(404);
  }

  private RunningJob submitWithLease(String code, String name) {
    return service
        .job()
        .python(code)
        .inputsAsWritten("{\"open\": true, \"idle\": 3}")
        .name(name)
        .submit();
  }

  private String states(String... names) {
    return Arrays.stream(names)
        .map(name -> service.get("/api/v1/jobs?q=" + name).json().get("jobs").get(0))
        .map(job -> job.get("state").stringValue() + " " + job.get("stopReason"))
        .collect(Collectors.joining(", "));
  }

  private Iterator<String> follow(HttpClient client, RunningJob job, String order)
      throws Exception {
    var request =
        service
            .request(job.path() + "/results?follow=true&order=" + order)
            .header("Accept", "application/x-ndjson")
            .build();
    return client.send(request, BodyHandlers.ofLines()).body().iterator();
  }

  private void append(RunningJob job, String lines) {
    var answer =
        service.send(
            service
                .request(job.path() + "/inputs")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines)));
    assertThat(answer.status()).isEqualTo(202);
  }
}
