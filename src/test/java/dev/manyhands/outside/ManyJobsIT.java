package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Service.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Actions on all jobs that match a filter, on each store. */
class ManyJobsIT extends OnEachStore {
  private static final String JOBS = "/api/v1/jobs";
  private static final String FAILS_ON_ZERO = "def f(x): return 1 // x";

  private JobBuilder paused(String group) {
    return service.job().named("gcd").inputs(List.of(4, 6)).label("group", group).paused();
  }

  private String ended(String group, int item) {
    var job = service.job().python(FAILS_ON_ZERO).inputs(item).label("group", group);
    return job.run().id();
  }

  private Answer many(String action, String group, int expect) {
    return service.post(
        JOBS + "/" + action,
        "{\"filter\": {\"label\": \"group:%s\"}, \"expect\": %d}".formatted(group, expect));
  }

  private static String counts(Answer answer) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    JsonNode outcome = answer.json();
    return "%s of %s done, %s unchanged, %s refused"
        .formatted(
            outcome.get("done"),
            outcome.get("matched"),
            outcome.get("unchanged"),
            outcome.get("refused"));
  }

  private String state(String id) {
    return service.get(JOBS + "/" + id).json().get("state").stringValue();
  }

  @Test
  void anotherNumberThanExpectedDoesNothing() {
    String id = ended("number", 1);
    for (String action : List.of("cancel", "delete", "retry")) {
      Answer answer = many(action, "number", 2);
      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.json().get("found").intValue()).isEqualTo(1);
    }
    assertThat(state(id)).isEqualTo("SUCCEEDED");
    assertThat(counts(many("delete", "nobody", 0)))
        .isEqualTo("0 of 0 done, 0 unchanged, 0 refused");
  }

  @Test
  void whatNamesNoJobsIsRefused() {
    String id = ended("named", 1);
    for (String action : List.of("cancel", "delete", "retry")) {
      isRefused(action, "{}", "/filter: is required");
      isRefused(action, "{\"filter\": {}, \"expect\": 1}", "/filter: must have at least one of");
      isRefused(action, "{\"filter\": {\"q\": \"x\"}}", "/expect: is required");
      isRefused(
          action,
          "{\"filter\": {\"all\": true, \"q\": \"x\"}, \"expect\": 1}",
          "/filter/all: must");
      isRefused(
          action, "{\"filter\": {\"all\": false}, \"expect\": 1}", "/filter/all: must be true");
      isRefused(action, "{\"filter\": {\"ids\": []}, \"expect\": 1}", "/filter/ids: there is no");
      isRefused(action, "{\"filter\": {\"state\": []}, \"expect\": 1}", "/filter/state: must have");
      isRefused(
          action,
          "{\"filter\": {\"q\": \"\\ud800\"}, \"expect\": 1}",
          "/filter/q: must not contain");
      isRefused(
          action, "{\"filter\": {\"all\": true}, \"expect\": 1, \"onyl\": 1}", "/onyl: there is");
    }
    var keyed =
        service.send(
            service
                .request(JOBS + "/delete")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "once")
                .POST(BodyPublishers.ofString("{\"filter\": {\"all\": true}, \"expect\": 1}")));
    assertThat(keyed.status()).isEqualTo(400);
    assertThat(keyed.body()).contains("Idempotency-Key: is not a header of this request");
    assertThat(state(id)).isEqualTo("SUCCEEDED");
  }

  private void isRefused(String action, String body, String part) {
    Answer answer = service.post(JOBS + "/" + action, body);
    assertThat(answer.status()).as(body + " " + answer).isEqualTo(400);
    assertThat(answer.json().get("detail").stringValue()).contains(part);
  }

  @Test
  void jobsInAnyStateAreCancelled() {
    String before = ended("cancel", 1);
    var waits = service.job().python("import time\ndef f(x): time.sleep(600)").inputs(1);
    var running = waits.label("group", "cancel").submit();
    String queued = paused("cancel").submit().id();
    String waiting = paused("cancel").after(queued).submit().id();

    assertThat(counts(many("cancel", "cancel", 4)))
        .isEqualTo("3 of 4 done, 1 unchanged, 0 refused");
    for (String id : List.of(running.id(), queued, waiting)) {
      assertThat(service.await(id).get("state").stringValue()).isIn("CANCELLED", "FAILED");
    }
    assertThat(state(before)).isEqualTo("SUCCEEDED");
    assertThat(counts(many("cancel", "cancel", 4)))
        .isEqualTo("0 of 4 done, 4 unchanged, 0 refused");
  }

  @Test
  void jobsThatHaveEndedAreDeleted() {
    String one = ended("delete", 1);
    String two = ended("delete", 0);
    String kept = paused("delete").submit().id();

    Answer answer = many("delete", "delete", 3);
    assertThat(counts(answer)).isEqualTo("2 of 3 done, 0 unchanged, 1 refused");
    JsonNode problem = answer.json().get("problems").get(0);
    assertThat(problem.get("id").stringValue()).isEqualTo(kept);
    assertThat(problem.get("reason").stringValue()).isEqualTo("conflict");
    assertThat(problem.get("detail").stringValue()).contains("is QUEUED; cancel it first");
    assertThat(service.get(JOBS + "/" + one).status()).isEqualTo(404);
    assertThat(service.get(JOBS + "/" + two).status()).isEqualTo(404);
    service.cancelled(kept);
  }

  @Test
  void eachRetryIsAJobOfItsOwn() {
    String failed = ended("retry", 0);
    String succeeded = ended("retry", 1);
    String body =
        "{\"filter\": {\"label\": \"group:retry\", \"state\": [\"FAILED\", \"SUCCEEDED\"]},"
            + " \"expect\": 2, \"options\": {%s}}";

    String which = "\"only\": \"%s\"";
    Answer refused = service.post(JOBS + "/retry", body.formatted(which.formatted("all")));
    assertThat(refused.status()).as("%s", refused).isEqualTo(422);
    assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/options/only");
    String options = which.formatted("failed") + ", \"priority\": 7";
    Answer answer = service.post(JOBS + "/retry", body.formatted(options));
    assertThat(counts(answer)).isEqualTo("1 of 2 done, 0 unchanged, 1 refused");
    assertThat(answer.json().get("problems").get(0).get("id").stringValue()).isEqualTo(succeeded);
    JsonNode retries = service.get(JOBS + "?parent=" + failed).json().get("jobs");
    assertThat(retries).hasSize(1);
    assertThat(retries.get(0).get("priority").intValue()).isEqualTo(7);
    service.await(retries.get(0).get("id").stringValue());
  }

  @Test
  void otherJobsRunMeanwhile() {
    var ids = new ArrayList<String>();
    for (int i = 0; i < 500; i++) {
      ids.add(paused("meanwhile").submit().id());
    }
    var bulk = CompletableFuture.supplyAsync(() -> many("cancel", "meanwhile", 500));
    assertThat(service.job().named("gcd").inputs(List.of(4, 6)).run())
        .hasState(SUCCEEDED)
        .hasResult("[2]");
    assertThat(counts(bulk.join())).isEqualTo("500 of 500 done, 0 unchanged, 0 refused");
    ids.forEach(id -> assertThat(state(id)).isEqualTo("CANCELLED"));
  }
}
