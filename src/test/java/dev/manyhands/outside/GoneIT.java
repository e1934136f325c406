package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static dev.manyhands.outside.JobState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Jobs that are deleted, or whose time is over, while something of them is read or waited for. */
class GoneIT extends OnEachStore {
  private static final String LINES = "Accept: application/x-ndjson";
  private static final String IDENTITY = "def f(x): return x";

  /** The items of a job whose results are larger than all buffers on the way to a client. */
  private static final int ITEMS = 4_000;

  private static final String LARGE = "def f(x): return [x, 'z' * 10000]";

  // ---- deleted under a reader

  @ParameterizedTest
  @ValueSource(strings = {"input", "completion"})
  void aStreamOfADeletedJobIsCutBeforeItsEnd(String order) {
    String id = large();
    try (var stream = Wire.get(service, results(id) + "?order=" + order, LINES)) {
      String first = stream.line();
      delete(id);
      List<String> rest = stream.lines();
      assertThat(first).contains("\"value\":[");
      assertThat(rest).hasSizeLessThan(ITEMS - 1);
      assertThat(rest.subList(0, rest.size() - 1)).allMatch(line -> line.contains("\"value\":["));
      assertThat(rest.getLast()).doesNotContain("\"end\"", "skipped");
    }
    assertThat(service.get(results(id)).status()).isEqualTo(404);
  }

  @Test
  void aPageOfADeletedJobIsCut() {
    String id = large();
    try (var page = Wire.get(service, results(id) + "?limit=1000000")) {
      assertThat(page.status).isEqualTo(200);
      delete(id);
      String text = String.join("\n", page.lines());
      assertThat(text).hasSizeLessThan(ITEMS * 10_000);
      assertThat(text).startsWith("{\"offset\":0,\"results\":[[");
      assertThat(text.substring(text.length() - 1_000))
          .doesNotContain("null", "complete", "problem");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"the retry", "its parent"})
  void mergedResultsOfADeletedJobAreCutBeforeTheirEnd(String deleted) {
    String failing = "def f(x): return [x // (x % 2), 'z' * 10000]";
    var parent = service.job().python(failing).range(ITEMS).run();
    String other = "{\"function\": {\"runtime\": \"python\", \"code\": %s}}";
    var retry =
        service.post(
            "/api/v1/jobs/" + parent.id() + "/retry", other.formatted(Service.quote(LARGE)));
    String id = retry.json().get("id").stringValue();
    service.await(id);
    try (var stream = Wire.get(service, results(id) + "?merged=true", LINES)) {
      String first = stream.line();
      delete(deleted.equals("the retry") ? id : parent.id());
      List<String> rest = stream.lines();
      assertThat(first).startsWith("{\"index\":0,\"value\":[");
      assertThat(rest).hasSizeLessThan(ITEMS);
      assertThat(rest.subList(0, rest.size() - 1)).allMatch(line -> line.contains("\"value\":["));
      assertThat(rest.getLast()).doesNotContain("\"end\"", "\"error\"", "skipped");
    }
  }

  @Test
  void aRequestOfADeletedJobIsCut() {
    String id = largeInputs();
    try (var request = Wire.get(service, "/api/v1/jobs/" + id + "/request")) {
      assertThat(request.status).isEqualTo(200);
      delete(id);
      String text = String.join("\n", request.lines());
      assertThat(text).startsWith("{\"function\":{").hasSizeLessThan(ITEMS * 10_000);
      assertThat(text.substring(text.length() - 1_000)).doesNotContain("]", "problem");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"input", "completion"})
  void aStreamWhoseInputsAreDeletedIsCutBeforeItsEnd(String order) {
    String id = largeInputs();
    String path = results(id) + "?include=input&order=" + order;
    try (var stream = Wire.get(service, path, LINES)) {
      String first = stream.line();
      delete(id);
      List<String> rest = stream.lines();
      assertThat(first).contains("\"input\":\"zzz", ",\"value\":1}");
      assertThat(rest).hasSizeLessThan(ITEMS - 1);
      assertThat(rest.subList(0, rest.size() - 1))
          .allMatch(line -> line.contains("\"input\":\"zzz") && line.endsWith(",\"value\":1}"));
      assertThat(rest.getLast()).doesNotContain("\"end\"", "skipped");
    }
  }

  @Test
  void aPageWhoseInputsAreDeletedIsCut() {
    String id = largeInputs();
    try (var page = Wire.get(service, results(id) + "?include=input&limit=1000000")) {
      assertThat(page.status).isEqualTo(200);
      delete(id);
      String text = String.join("\n", page.lines());
      assertThat(text).hasSizeLessThan(ITEMS * 10_000);
      assertThat(text).startsWith("{\"offset\":0,\"results\":[1,1");
      assertThat(text.substring(text.length() - 1_000)).doesNotContain("]", "problem");
    }
  }

  @Test
  void aJobIsNotForgottenUnderASlowReader() {
    String id = largeJob().ttl(1).submit().id();
    // Read from before the job's end, or a slow machine would let the job expire first.
    try (var stream = Wire.get(service, results(id) + "?follow=true", LINES)) {
      assertThat(stream.line()).startsWith("{\"index\":0,");
      service.await(id);
      String other = service.job().python(IDENTITY).inputs(1).ttl(1).submit().id();
      awaitGone(other); // the sweep of expired jobs has passed
      List<String> rest = stream.lines();
      assertThat(rest).hasSize(ITEMS);
      assertThat(rest.getLast().strip()) // a slow machine brings signs of life
          .isEqualTo("{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}");
    }
    awaitGone(id);
  }

  @Test
  void aJobWhoseInputsAreDeletedFailsOrHasThemAll() {
    String source = large();
    var target = service.job().python("def f(x): return x[0]").results(source).submit();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> target.view().get("items").get("total").longValue() > 0);
    delete(source);
    var job = target.await();
    if (job.state() == SUCCEEDED) {
      List<JsonNode> results = job.results();
      assertThat(results).hasSize(ITEMS);
      for (int i = 0; i < ITEMS; i++) {
        assertThat(results.get(i).intValue()).isEqualTo(i);
      }
      return;
    }
    assertThat(job).hasStopReason("inputsGone");
    assertThat(job.get("error").get("kind").stringValue()).isEqualTo("INPUTS_GONE");
    assertThat(job.failed()).as("a null has no [0]").isZero();
    List<JsonNode> results = job.results();
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).isNull() || results.get(i).intValue() == i).isTrue();
    }
  }

  // ---- waited for over a restart

  @Test
  void whatAFulfilledDependencyCameToOutlivesItAndARestart() throws Exception {
    String swept = service.job().python(IDENTITY).inputs(1).ttl(0.5).submit().id();
    var deleted = service.job().python(IDENTITY).inputs(1).submit();
    var last = service.job().python(IDENTITY).inputs(1).paused().submit();
    var after = service.job().python(IDENTITY).inputs(7).after(swept, deleted.id(), last.id());
    var waiting = after.submit();
    deleted.await();
    delete(deleted.id());
    awaitGone(swept);
    service.killMinus9();
    service = service.again();
    assertThat(waiting.on(service).state()).isEqualTo(WAITING);
    var unpaused = last.on(service).patch(Map.of("paused", false));
    assertThat(unpaused.status()).isEqualTo(200);
    assertThat(waiting.on(service).await()).hasState(SUCCEEDED);
  }

  // ---- what they have in common

  private JobBuilder largeJob() {
    return service.job().python(LARGE).range(ITEMS);
  }

  private String large() {
    var job = largeJob().run();
    assertThat(job).hasState(SUCCEEDED);
    return job.id();
  }

  /** A job whose inputs are larger than all buffers on the way to a client. */
  private String largeInputs() {
    String function = "{\"runtime\": \"python\", \"code\": \"def f(x): return 1\"}";
    String item = Service.quote("z".repeat(10_000));
    return service.submitLines(
        "{\"function\": " + function + "}", Collections.nCopies(ITEMS, item));
  }

  private static String results(String id) {
    return "/api/v1/jobs/" + id + "/results";
  }

  private void delete(String id) {
    assertThat(service.delete("/api/v1/jobs/" + id).status()).isEqualTo(204);
  }

  private void awaitGone(String id) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> service.get("/api/v1/jobs/" + id).status() == 404);
  }
}
