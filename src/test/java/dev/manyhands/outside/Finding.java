package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/** Lists with filters, of jobs and of items, and inputs beside results: for a job that ended. */
record Finding(Service service, RandomJob job, String id, JsonNode shown, RandomGenerator random) {
  private static final List<String> ENDS = List.of("SUCCEEDED", "FAILED", "CANCELLED");

  void check(Told told) {
    JsonNode description = shown.get("description");
    assertThat(description.isNull() ? null : description.stringValue())
        .as("description")
        .isEqualTo(job.description());
    if (job.isLabelled()) {
      checkFilters();
    }
    int total = shown.get("items").get("total").intValue();
    checkStates(told, total);
    checkInputs(total);
  }

  private void checkFilters() {
    String label = "label=oracle:" + job.seed();
    for (String state : ENDS) {
      boolean isIts = state.equals(shown.get("state").stringValue());
      assertThat(listed(label + "&state=" + state).contains(id)).as(state).isEqualTo(isIts);
    }
    assertThat(listed(label + "&q=" + encoded("ÜNÏCODE " + job.seed()))).contains(id);
    assertThat(listed(label + "&q=" + encoded("no such text"))).isEmpty();
    boolean isDescribed = job.description() != null;
    assertThat(listed(label + "&q=" + encoded("[" + job.seed() + "] 🙂")).contains(id))
        .isEqualTo(isDescribed);
    String function = encoded(shown.get("function").get("name").stringValue());
    assertThat(listed(label + "&function=" + function)).contains(id);
    assertThat(listed(label + "&parent=" + id)).isEmpty();
    assertThat(listed(label + "&since=" + shown.get("submittedAt").stringValue())).contains(id);
  }

  private List<String> listed(String query) {
    JsonNode page = service.get("/api/v1/jobs?limit=1000&" + query).json();
    var ids = new ArrayList<String>();
    page.get("jobs").forEach(found -> ids.add(found.get("id").stringValue()));
    return ids;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void checkStates(Told told, int total) {
    var failed = new TreeSet<>(told.errors().keySet());
    var skipped = new TreeSet<>(told.skipped());
    var succeeded = new TreeSet<Long>();
    for (long index = 0; index < total; index++) {
      if (!failed.contains(index) && !skipped.contains(index)) {
        succeeded.add(index);
      }
    }
    assertThat(inState("failed")).isEqualTo(List.copyOf(failed));
    assertThat(inState("SKIPPED")).isEqualTo(List.copyOf(skipped));
    assertThat(inState("SUCCEEDED")).isEqualTo(List.copyOf(succeeded));
    assertThat(inState("RUNNING")).isEmpty();
  }

  private List<Long> inState(String state) {
    var indexes = new ArrayList<Long>();
    int limit = random.nextInt(5) == 0 ? random.nextInt(50, 300) : 1_000;
    String path = "/api/v1/jobs/" + id + "/items?state=" + state + "&limit=" + limit;
    JsonNode page = service.get(path).json();
    while (true) {
      page.get("items").forEach(item -> indexes.add(item.get("index").longValue()));
      if (page.get("next").isNull()) {
        return indexes;
      }
      page = service.get(path + "&cursor=" + page.get("next").stringValue()).json();
    }
  }

  private void checkInputs(int total) {
    int offset = total == 0 ? 0 : random.nextInt(total);
    String path = "/api/v1/jobs/" + id + "/results?include=input";
    JsonNode page = service.get(path + "&limit=20&offset=" + offset).json();
    for (int i = 0; i < page.get("results").size(); i++) {
      assertThat(page.get("inputs").get(i)).isEqualTo(input(offset + i));
    }
    var lines =
        service.send(
            service.request(path + "&from=" + offset).header("Accept", "application/x-ndjson"));
    for (String text : lines.body().split("\n")) {
      JsonNode line = Service.json(text);
      if (line.has("index")) {
        assertThat(line.get("input")).isEqualTo(input(line.get("index").intValue()));
      }
    }
  }

  private JsonNode input(int index) {
    return Service.json(job.function().items().get(index).json());
  }
}
