package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Jobs that are deleted, or whose time is over, while something of them is read or waited for. */
@ParameterizedClass
@EnumSource(OwnStore.Kind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoneIT {
  private static final String LINES = "Accept: application/x-ndjson";
  private static final String IDENTITY = "def f(x): return x";

  /** The items of a job whose results are larger than all buffers on the way to a client. */
  private static final int ITEMS = 4_000;

  private static final String LARGE = "def f(x): return [x, 'z' * 10000]";

  @Parameter private OwnStore.Kind kind;

  private OwnStore store;
  private Service service;

  @BeforeAll
  void start() throws Exception {
    Requirements.python();
    store = OwnStore.of(kind);
    service = store.startService();
  }

  @AfterAll
  void stop() throws Exception {
    service.close();
    store.close();
  }

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

  @Test
  void aJobIsNotForgottenUnderASlowReader() {
    String id = submitLarge("\"ttl\": 1");
    // Read from before the job's end, or a slow machine would let the job expire first.
    try (var stream = Wire.get(service, results(id) + "?follow=true", LINES)) {
      assertThat(stream.line()).startsWith("{\"index\":0,");
      service.await(id);
      String other = service.submit(python(IDENTITY, "[1]", "\"ttl\": 1"));
      awaitGone(other); // the sweep of expired jobs has passed
      List<String> rest = stream.lines();
      assertThat(rest).hasSize(ITEMS);
      assertThat(rest.getLast())
          .isEqualTo("{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}");
    }
    awaitGone(id);
  }

  @Test
  void aJobWhoseInputsAreDeletedFailsOrHasThemAll() {
    String source = large();
    String target =
        service.submit(python("def f(x): return x[0]", "{\"results\": \"" + source + "\"}"));
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> job(target).get("items").get("total").longValue() > 0);
    delete(source);
    JsonNode job = service.await(target);
    if (job.get("state").stringValue().equals("SUCCEEDED")) {
      List<JsonNode> results = service.results(target);
      assertThat(results).hasSize(ITEMS);
      for (int i = 0; i < ITEMS; i++) {
        assertThat(results.get(i).intValue()).isEqualTo(i);
      }
      return;
    }
    assertThat(job.get("stopReason").stringValue()).isEqualTo("inputsGone");
    assertThat(job.get("error").get("kind").stringValue()).isEqualTo("INPUTS_GONE");
    assertThat(job.get("items").get("failed").longValue()).as("a null has no [0]").isZero();
    List<JsonNode> results = service.results(target);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).isNull() || results.get(i).intValue() == i).isTrue();
    }
  }

  // ---- waited for over a restart

  @Test
  void whatAFulfilledDependencyCameToOutlivesItAndARestart() throws Exception {
    String swept = service.submit(python(IDENTITY, "[1]", "\"ttl\": 0.5"));
    String deleted = service.submit(python(IDENTITY, "[1]"));
    String last = service.submit(python(IDENTITY, "[1]", "\"paused\": true"));
    String after = "\"after\": [\"%s\", \"%s\", \"%s\"]".formatted(swept, deleted, last);
    String waiting = service.submit(python(IDENTITY, "[7]", after));
    service.await(deleted);
    delete(deleted);
    awaitGone(swept);
    service.killMinus9();
    service = service.again();
    assertThat(job(waiting).get("state").stringValue()).isEqualTo("WAITING");
    var unpaused = service.patch("/api/v1/jobs/" + last, "{\"paused\": false}");
    assertThat(unpaused.status()).isEqualTo(200);
    JsonNode job = service.await(waiting);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("SUCCEEDED");
  }

  // ---- what they have in common

  private String submitLarge(String... more) {
    return service.submit(python(LARGE, "{\"range\": {\"stop\": " + ITEMS + "}}", more));
  }

  private String large() {
    String id = submitLarge();
    JsonNode job = service.await(id);
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    return id;
  }

  private static String results(String id) {
    return "/api/v1/jobs/" + id + "/results";
  }

  private JsonNode job(String id) {
    return service.get("/api/v1/jobs/" + id).json();
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
