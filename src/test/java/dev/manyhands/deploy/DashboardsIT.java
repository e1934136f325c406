package dev.manyhands.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Requirements;
import dev.manyhands.outside.Service;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A real Prometheus scrapes the packaged service at work, by the configuration and the secrets of
 * docker/compose.yaml: whatever dashboards and alerts ask it has an answer.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardsIT {
  private static final String TOKEN = "a-token-of-some-length";

  /** A day of work in a second: each way in which jobs, items and workers can end. */
  private static final List<String> JOBS =
      List.of(
          job("def f(x): return x", "{\"range\": {\"start\": 0, \"stop\": 5000}}"),
          job("def f(x): return 1 // (x % 2)", "{\"range\": {\"start\": 0, \"stop\": 50}}"),
          job("import os\\ndef f(x): os._exit(1)", "[1]"),
          job("def f(x): return x", "[1, 2, 3]", "\"cache\": true"),
          job("def f(x): return x", "[1, 2, 3]", "\"stopWhen\": {\"truthy\": 1}"),
          "{\"function\": \"check_prime\", \"inputs\": {\"range\": {\"start\": 1, \"stop\": 20000}}}",
          "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\": [1, 2, 3]}");

  /** An interval of Prometheus's own configuration. One second is enough for the test. */
  private static final String INTERVAL = "500ms";

  private static final Map<String, String> VARIABLES =
      Map.of("$__rate_interval", "5s", "$instance", ".*", "[1h]", "[30s]");

  private Instant begin;
  private Service service;
  private Prometheus prometheus;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    Requirements.prometheus();
    Requirements.python();
    Path secrets = Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(secrets.resolve("manyhands.security.tokens"), TOKEN);
    Path token =
        Files.writeString(
            secrets.resolve("manyhands.security.metrics-tokens"), "a-token-that-only-reads");
    service =
        Service.start(Service.newDirectory(), "--spring.config.import=configtree:" + secrets + "/");

    String config =
        Files.readString(Path.of("docker", "prometheus", "prometheus.yml"))
            .replace("15s", INTERVAL)
            .replace("manyhands:8080", service.uri("/").getAuthority())
            .replace("/run/secrets/metrics-token", token.toString())
            .replace("/etc/prometheus/alerts.yaml", AlertsTest.FILE.toAbsolutePath().toString());
    Path file = Files.writeString(directory.resolve("prometheus.yml"), config);
    AlertsTest.promtool("check", "config", file.toString());
    begin = Instant.now();
    prometheus = Prometheus.start(file, directory.resolve("data"));
  }

  @AfterAll
  void stop() {
    if (prometheus != null) {
      prometheus.close();
    }
    if (service != null) {
      service.close();
    }
  }

  @Test
  void everyPanelShowsSomething() throws Exception {
    // One waits, one stays open, so that there is something of each.
    post(
        "{\"function\": \"gcd\", \"inputs\": [[12, 18]], \"notBefore\": \"2100-01-01T00:00:00Z\"}");

    var left = new ArrayList<Dashboard.Query>();
    for (Dashboard board : Dashboard.all()) {
      left.addAll(board.queries());
    }
    assertThat(left).hasSizeGreaterThan(60);
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    while (!left.isEmpty() && Instant.now().isBefore(deadline)) {
      work();
      for (Dashboard.Query query : List.copyOf(left)) {
        if (hasData(query)) {
          left.remove(query);
        }
      }
    }
    assertThat(left).as("these show nothing").isEmpty();
  }

  private boolean hasData(Dashboard.Query query) throws IOException, InterruptedException {
    String expression = query.expression();
    for (var variable : VARIABLES.entrySet()) {
      expression = expression.replace(variable.getKey(), variable.getValue());
    }
    JsonNode series = prometheus.since(begin, expression);
    Set<String> labels = new HashSet<>();
    var label = Pattern.compile("\\{\\{(\\w+)}}").matcher(query.legend());
    while (label.find()) {
      labels.add(label.group(1));
    }
    for (JsonNode one : series) {
      for (String name : labels) {
        assertThat(one.get("metric").has(name))
            .as("%s has no %s in %s", query.panel(), name, one.get("metric"))
            .isTrue();
      }
      for (JsonNode value : one.get("values")) {
        if (!value.get(1).stringValue().equals("NaN")) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void everyAlertIsEvaluatedAndAsksForWhatIsThere() throws Exception {
    work();
    var healthy = new TreeSet<String>();
    var asked = new TreeSet<String>();
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    while (healthy.size() < AlertsTest.alerts().size() && Instant.now().isBefore(deadline)) {
      work();
      for (JsonNode rule : prometheus.rules().get(0).get("rules")) {
        assertThat(rule.get("health").stringValue()).as("%s", rule).isIn("ok", "unknown");
        if (rule.get("health").stringValue().equals("ok")) {
          healthy.add(rule.get("name").stringValue());
        }
        var metric =
            Pattern.compile("\\b(manyhands_\\w+|http_server_\\w+|up)\\{?")
                .matcher(rule.get("query").stringValue());
        while (metric.find()) {
          asked.add(metric.group(1));
        }
      }
    }
    assertThat(healthy).hasSize(AlertsTest.alerts().size());
    assertThat(asked)
        .contains("up", "manyhands_store_up", "manyhands_data_free_bytes")
        .hasSizeGreaterThan(8);
    for (String metric : asked) {
      awaitAnswer(metric);
    }
    // No alert fires for a healthy service.
    assertThat(prometheus.since(begin, "ALERTS{alertstate=\"firing\"}")).isEmpty();
    awaitAnswer("up{job=\"manyhands\"} == 1");
  }

  /**
   * Runs the queries that docs/how-to/operations.md gives to prometheus-adapter for the chart's
   * autoscaler.
   */
  @Test
  void theMetricsOfTheAutoscalerAreThere() throws Exception {
    String page = Files.readString(Path.of("docs", "how-to", "operations.md"));
    int block = page.indexOf("```yaml\nrules:");
    Map<String, Map<String, List<Map<String, Object>>>> adapter =
        Chart.yaml().load(page.substring(block + 8, page.indexOf("```", block + 8)));
    var rules = adapter.get("rules").get("custom");
    assertThat(rules).hasSize(2);
    for (Map<String, Object> rule : rules) {
      String query =
          ((String) rule.get("metricsQuery"))
              .replace("<<.LabelMatchers>>", "instance=~\".+\"")
              .replace("<<.GroupBy>>", "instance");
      awaitAnswer(query);
      assertThat(Files.readString(Chart.DIRECTORY.resolve("templates/hpa.yaml")))
          .contains("name: " + ((Map<?, ?>) rule.get("name")).get("as"));
    }
  }

  /** Runs the program that {@code helm test} runs in its pod. */
  @Test
  void theChartsTestRunsTheMainJob() throws Exception {
    var builder =
        new ProcessBuilder("python3", Chart.DIRECTORY.resolve("files/main_job.py").toString());
    builder.environment().put("URL", service.uri("").toString());
    builder.environment().put("TOKEN", TOKEN);
    assertThat(Ran.successfully(builder)).contains("succeeded in");
  }

  /** Works until Prometheus has seen something of this. */
  private void awaitAnswer(String expression) throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    while (prometheus.since(begin, expression).isEmpty()) {
      assertThat(Instant.now()).as(expression).isBefore(deadline);
      work();
    }
  }

  /** Each kind of job, to its end. */
  private void work() {
    var ids = new ArrayList<String>();
    for (String job : JOBS) {
      ids.add(post(job));
    }
    String cancelled = post(job("import time\\ndef f(x): time.sleep(9)", "[1, 2]"));
    service.send(
        with(service.request("/api/v1/jobs/" + cancelled + "/cancel"))
            .POST(BodyPublishers.noBody()));
    for (String id : ids) {
      var answer = service.send(with(service.request("/api/v1/jobs/" + id + "?wait=60")));
      assertThat(answer.json().get("finishedAt").isNull()).as("%s", answer).isFalse();
    }
  }

  private String post(String job) {
    var answer =
        service.send(
            with(service.request("/api/v1/jobs"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(job)));
    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    return answer.json().get("id").stringValue();
  }

  private static HttpRequest.Builder with(HttpRequest.Builder request) {
    return request.header("Authorization", "Bearer " + TOKEN);
  }

  private static String job(String code, String inputs, String... more) {
    String rest = more.length == 0 ? "" : ", " + String.join(", ", more);
    return "{\"function\": {\"runtime\": \"python\", \"code\": \"%s\"}, \"inputs\": %s%s}"
        .formatted(code, inputs, rest);
  }
}
