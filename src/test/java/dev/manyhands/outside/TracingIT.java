package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Collector.Told;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Spans of real jobs as a collector gets them, and the trace context that functions see. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TracingIT {
  private static final String SEEN =
      """
      import manyhands, time
      def f(x, hurry=True):
          if not hurry: time.sleep(0.2)
          return manyhands.traceparent()
      """;

  @BeforeAll
  void start() {
    Requirements.python();
  }

  @Test
  void aJobIsATreeInTheTraceOfItsClient() throws Exception {
    try (var collector = Collector.start();
        var service = traced(collector.url(), "--manyhands.tracing.headers.x-collector-key=k1")) {
      String client = span();
      String trace = client.substring(3, 35);
      String body =
          Service.python(
              SEEN,
              "{\"range\": {\"stop\": 40}}",
              "\"name\": \"a secret name\"",
              "\"labels\": {\"team\": \"secret\"}",
              "\"common\": {\"hurry\": true}");
      var job = run(service, client, body);
      List<Told> spans = collector.awaitJob(trace);

      Told submit = one(spans, "submit");
      Told whole = one(spans, "job");
      Told schedule = one(spans, "schedule");
      List<Told> chunks = all(spans, "chunk");
      List<Told> commits = all(spans, "commit");
      assertThat(submit.parent()).isEqualTo(client.substring(36, 52));
      assertThat(whole.parent()).isEqualTo(submit.id());
      assertThat(schedule.parent()).isEqualTo(whole.id());
      assertThat(chunks).isNotEmpty().allMatch(chunk -> chunk.parent().equals(whole.id()));
      assertThat(commits).filteredOn(one -> one.parent().equals(submit.id())).hasSize(1);
      assertThat(commits).filteredOn(one -> one.parent().equals(whole.id())).hasSameSizeAs(chunks);
      assertThat(spans).hasSize(3 + chunks.size() + commits.size());
      assertThat(spans).extracting(Told::id).doesNotHaveDuplicates();
      assertThat(spans).extracting(Told::service).containsOnly("manyhands");

      assertThat(spans).allMatch(one -> start(one) <= end(one));
      assertThat(List.of(schedule, chunks.getFirst(), commits.getLast()))
          .allMatch(one -> start(whole) <= start(one) && end(one) <= end(whole));
      assertThat(start(submit)).isLessThanOrEqualTo(start(whole));
      assertThat(chunks).allMatch(chunk -> end(schedule) <= start(chunk));
      assertThat(chunks.stream().mapToLong(one -> one.number("manyhands.items.count")).sum())
          .isEqualTo(40);

      assertThat(service.results(job.get("id").stringValue()))
          .hasSize(40)
          .allMatch(seen -> seen.stringValue().equals("00-" + trace + "-" + whole.id() + "-01"));
      assertThat(spans.toString()).doesNotContain("secret").doesNotContain("hurry");
      assertThat(collector.keys).isNotEmpty().containsOnly("k1");
      assertThat(service.log()).doesNotContain("k1");
    }
  }

  @Test
  void whatAClientDoesNotSampleIsNotSent() throws Exception {
    try (var collector = Collector.start();
        var service = traced(collector.url())) {
      String kept = span();
      String dropped = span().replaceFirst("01$", "00");
      var job = run(service, dropped, Service.python(SEEN, "[1]"));
      var seen = service.results(job.get("id").stringValue()).getFirst().stringValue();
      assertThat(seen).startsWith(dropped.substring(0, 36)).endsWith("-00");

      run(service, kept, Service.python(SEEN, "[1]"));
      collector.awaitJob(kept.substring(3, 35));
      assertThat(collector.await(any -> true))
          .extracting(Told::trace)
          .containsOnly(kept.substring(3, 35));
    }
  }

  @Test
  void aJobWithoutATraceBeginsOne() throws Exception {
    try (var collector = Collector.start();
        var service = traced(collector.url())) {
      service.run(Service.python(SEEN, "[1]"));
      List<Told> spans =
          collector.await(all -> all.stream().anyMatch(one -> one.name().equals("job")));
      assertThat(one(spans, "submit").parent()).isEmpty();
      assertThat(spans).extracting(Told::trace).containsOnly(spans.getFirst().trace());
      var lines = service.run(Service.python("def f(x): return 1 // x", "[1, 0]"));
      assertThat(lines.get("state").stringValue()).isEqualTo("FAILED");
      List<Told> failed = collector.await(all -> all(all, "job").size() == 2);
      assertThat(all(failed, "job"))
          .filteredOn(one -> one.number("manyhands.items.failed") == 1)
          .hasSize(1)
          .allMatch(one -> one.span().getStatus().getCodeValue() == 2);
    }
  }

  @Test
  void aTraceSurvivesKillMinus9() throws Exception {
    try (var collector = Collector.start()) {
      var first = traced(collector.url());
      String client = span();
      String trace = client.substring(3, 35);
      String id =
          submit(
              first,
              client,
              Service.python(
                  SEEN,
                  "{\"range\": {\"stop\": 30}}",
                  "\"common\": {\"hurry\": false}",
                  "\"chunking\": {\"size\": 1}"));
      collector.await(all -> all(all, "chunk").size() >= 2);
      first.killMinus9();
      try (var second = first.again()) {
        second.await(id);
        List<Told> spans = collector.awaitJob(trace);
        Told whole = one(spans, "job");
        assertThat(whole.parent()).isEqualTo(one(spans, "submit").id());
        assertThat(all(spans, "chunk")).allMatch(chunk -> chunk.parent().equals(whole.id()));
        assertThat(second.results(id))
            .hasSize(30)
            .allMatch(seen -> seen.stringValue().equals("00-" + trace + "-" + whole.id() + "-01"));
      }
    }
  }

  @Test
  void aCommandIsToldByItsEnvironmentWhicheverJobItRunsFor() {
    String command =
        """
        {"function": {"runtime": "command", "command": ["/bin/sh", "-c",
          "while read x; do echo \\"\\\\\\"$TRACEPARENT\\\\\\"\\"; done"]}, "inputs": [1, 2, 3]}
        """;
    try (var service = Service.start(Service.newDirectory())) {
      for (String client : List.of(span(), span())) {
        var job = run(service, client, command);
        assertThat(service.results(job.get("id").stringValue()))
            .hasSize(3)
            .allMatch(seen -> seen.stringValue().equals(client));
      }
      var outside = service.run(command);
      assertThat(service.results(outside.get("id").stringValue()))
          .allMatch(seen -> seen.stringValue().isEmpty());
    }
  }

  @Test
  void withoutAnEndpointAClientsTraceIsPassedOnAndNothingOfTheLibraryIsLoaded() throws Exception {
    try (var service = Service.start(Service.newDirectory())) {
      String client = span();
      var job = run(service, client, Service.python(SEEN, "[1, 2]"));
      assertThat(service.results(job.get("id").stringValue()))
          .allMatch(seen -> seen.stringValue().equals(client));
      for (String none : List.of("garbage", client.replace("00-", "ff-"), client + "-x", "")) {
        var other = run(service, none, Service.python(SEEN, "[1]"));
        assertThat(service.results(other.get("id").stringValue())).allMatch(JsonNode::isNull);
      }
      var jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(service.pid()),
                  "VM.class_hierarchy")
              .redirectErrorStream(true)
              .start();
      String loaded = new String(jcmd.getInputStream().readAllBytes());
      assertThat(loaded).contains("dev.manyhands.http.RequestIds");
      assertThat(loaded).doesNotContain("io.opentelemetry");
    }
  }

  @Test
  void aCollectorThatIsAwayCostsALineInTheLog() throws Exception {
    int port = Ports.free();
    try (var service = traced("http://user:open-sesame@127.0.0.1:" + port)) {
      for (int i = 0; i < 3; i++) {
        var job = run(service, span(), Service.python(SEEN, "{\"range\": {\"stop\": 100}}"));
        assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
      }
      service.awaitLog("does not take traces");
      try (var collector = Collector.startAt(port)) {
        String client = span();
        run(service, client, Service.python(SEEN, "[1]"));
        collector.awaitJob(client.substring(3, 35));
        service.awaitLog("takes traces again");
      }
      assertThat(service.log().lines().filter(line -> line.contains("traces"))).hasSize(2);
      assertThat(service.log()).doesNotContain("\tat ").doesNotContain("sesame");
    }
  }

  private static Service traced(String url, String... more) {
    var settings = new ArrayList<>(List.of("--manyhands.tracing.endpoint=" + url));
    settings.addAll(List.of(more));
    return Service.start(Service.newDirectory(), settings.toArray(String[]::new));
  }

  /** Returns the header of a client that samples. */
  private static String span() {
    byte[] bytes = new byte[24];
    ThreadLocalRandom.current().nextBytes(bytes);
    String hex = HexFormat.of().formatHex(bytes);
    return "00-" + hex.substring(0, 32) + "-" + hex.substring(32) + "-01";
  }

  private static String submit(Service service, String traceparent, String body) {
    var answer =
        service.send(
            service
                .request("/api/v1/jobs")
                .header("Content-Type", "application/json")
                .header("traceparent", traceparent)
                .POST(BodyPublishers.ofString(body)));
    assertThat(answer.status()).isEqualTo(202);
    return answer.json().get("id").stringValue();
  }

  private static JsonNode run(Service service, String traceparent, String body) {
    return service.await(submit(service, traceparent, body));
  }

  private static List<Told> all(List<Told> spans, String name) {
    return spans.stream().filter(one -> one.name().equals(name)).toList();
  }

  private static Told one(List<Told> spans, String name) {
    assertThat(all(spans, name)).hasSize(1);
    return all(spans, name).getFirst();
  }

  private static long start(Told one) {
    return one.span().getStartTimeUnixNano();
  }

  private static long end(Told one) {
    return one.span().getEndTimeUnixNano();
  }
}
