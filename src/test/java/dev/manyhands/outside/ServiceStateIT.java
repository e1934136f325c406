package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The service about itself, on each store. */
class ServiceStateIT extends OnEachStore {
  private static final Pattern RESTARTS =
      Pattern.compile("(?m)^manyhands_worker_restarts_total\\{reason=\"(\\w+)\",.*} (\\S+)$");

  @Test
  void itsVersionStoreAndLinksAreShown() {
    JsonNode state = state();
    assertThat(state.get("version").stringValue()).matches("\\d.*");
    assertThat(state.get("store").stringValue()).isIn("sqlite", "postgresql");
    assertThat(state.get("uptimeSeconds").doubleValue()).isPositive();
    assertThat(state.toString()).doesNotContain("jdbc", "password");
    for (JsonNode link : state.get("links")) {
      if (!link.stringValue().endsWith("/events")) {
        assertThat(service.get(link.stringValue()).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void aJobThatRunsIsInTheSamples() {
    long before = done();
    // Rates are rounded: on a busy machine a second takes longer, and one item is none.
    var job = service.job().python("def f(x): return x").range(50).chunk(1).run();
    assertThat(job).hasSucceeded(50);
    while (done() == before) {
      Thread.onSpinWait();
    }
    JsonNode state = state();
    JsonNode samples = state.get("samples");
    int size = samples.get("slotsBusy").size();
    assertThat(size).isPositive().isLessThanOrEqualTo(600);
    List<String> columns =
        List.of("jobsRunning", "jobsQueued", "itemsPerSecond", "chunksPerSecond", "residentBytes");
    for (String column : columns) {
      assertThat(samples.get(column).size()).isEqualTo(size);
    }
    assertThat(samples.get("chunksPerSecond").valueStream().mapToLong(JsonNode::asLong).sum())
        .isPositive();
    assertThat(samples.get("residentBytes").get(size - 1).longValue())
        .isBetween(20L << 20, 8L << 30);
    assertThat(state.has("builtAt")).isFalse();
  }

  @Test
  void workerRestartsAreThoseOfTheMetric() {
    service.job().python("import os\ndef f(x): os._exit(3)").inputs(1).run();
    var metric = new TreeMap<String, Long>();
    var match = RESTARTS.matcher(service.get("/actuator/prometheus").body());
    while (match.find()) {
      metric.merge(match.group(1), (long) Double.parseDouble(match.group(2)), Long::sum);
    }
    Map<String, Long> shown = new TreeMap<>();
    state()
        .get("workerRestarts")
        .properties()
        .forEach(each -> shown.put(each.getKey(), each.getValue().longValue()));
    assertThat(shown).isEqualTo(metric);
    assertThat(shown.get("exit") + shown.get("crash")).isPositive();
  }

  private long done() {
    long sum = 0;
    for (JsonNode rate : state().at("/samples/itemsPerSecond")) {
      sum += rate.isNull() ? 0 : rate.longValue();
    }
    return sum;
  }

  private JsonNode state() {
    return service.get("/api/v1/service").json();
  }
}
