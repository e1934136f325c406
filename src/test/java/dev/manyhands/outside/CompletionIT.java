package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.CANCELLED;
import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static dev.manyhands.outside.Service.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Results in the order in which they were finished, on both stores. */
class CompletionIT extends OnEachStore {
  private static final String LINES = "Accept: application/x-ndjson";
  private static final String IDENTITY = "def f(x): return x";

  @TempDir private Path directory;

  @Test
  void fastItemsArriveBeforeASlowFirstOne() throws Exception {
    Path gate = directory.resolve("gate");
    String id = service.job().python(waitsFor(gate, "x == 0")).range(10).submit().id();
    try (var stream = follow(id, 0)) {
      var lines = new ArrayList<JsonNode>();
      for (int at = 0; at < 9; at++) {
        lines.add(json(stream.line()));
      }
      assertThat(lines).extracting(line -> line.get("at").longValue()).isEqualTo(longs(0, 9));
      assertThat(indexes(lines)).containsExactlyInAnyOrderElementsOf(longs(1, 10));
      Files.createFile(gate);
      assertThat(stream.lines())
          .containsExactly(
              """
              {"index":0,"at":9,"value":0}\
              """,
              end(SUCCEEDED));
    }
  }

  @Test
  void aStreamThatIsCutAnywhereGoesOnWithoutLossOrDoubles() {
    String code = "import time\ndef f(x):\n  time.sleep(0.002)\n  return {'square': x * x}";
    String id = service.job().python(code).range(600).submit().id();
    var random = new Random(4);
    var got = new ArrayList<JsonNode>();
    JsonNode end = null;
    while (end == null) {
      for (JsonNode line : whole(follow(id, got.size()).cutAfter(random.nextInt(3_000)))) {
        if (line.has("end")) {
          end = line;
        } else {
          got.add(line);
        }
      }
    }
    assertThat(got).extracting(line -> line.get("at").longValue()).isEqualTo(longs(0, 600));
    assertThat(indexes(got)).containsExactlyInAnyOrderElementsOf(longs(0, 600));
    assertThat(got)
        .allMatch(line ->
            line.get("value").get("square").longValue()
                == line.get("index").longValue() * line.get("index").longValue());
    assertThat(end.get("end").get("state").stringValue()).isEqualTo("SUCCEEDED");
    // The order never changes afterwards.
    assertThat(whole(String.join("\n", read(id, "").lines()) + "\n").subList(0, 600))
        .isEqualTo(got);
    assertThat(read(id, "&from=250&limit=2").lines().stream().map(Service::json))
        .startsWith(got.get(250), got.get(251))
        .hasSize(3)
        .last()
        .matches(line -> line.get("end").get("next").longValue() == 252);
  }

  @Test
  void aStreamGoesOnAfterKillMinus9() throws Exception {
    Path gate = directory.resolve("killed");
    String id = service.job().python(waitsFor(gate, "x > 150")).range(300).chunk(10).submit().id();
    var got = new ArrayList<JsonNode>();
    try (var stream = follow(id, 0)) {
      while (got.size() < 100) {
        got.add(json(stream.line()));
      }
    }
    service.killMinus9();
    Files.createFile(gate);
    service = service.again();
    List<JsonNode> rest = whole(String.join("\n", follow(id, got.size()).lines()) + "\n");
    got.addAll(rest.subList(0, rest.size() - 1));
    assertThat(got).extracting(line -> line.get("at").longValue()).isEqualTo(longs(0, 300));
    assertThat(indexes(got)).containsExactlyInAnyOrderElementsOf(longs(0, 300));
  }

  @Test
  void failedItemsHaveTheirPlaces() {
    var job = service.job().python("def f(x): return 6 // x").inputs(1, 0, 3, 0).run();
    var lines = ended(job, FAILED, 4);
    assertThat(lines).filteredOn(line -> line.has("error")).hasSize(2);
    assertThat(lines)
        .filteredOn(line -> line.get("index").longValue() == 1)
        .allMatch(line -> line.get("error").get("type").stringValue().equals("ZeroDivisionError"));
  }

  @Test
  void itemsThatNeverRanComeLast() throws Exception {
    Path never = directory.resolve("never");
    var job =
        service.job().python(waitsFor(never, "x == 2")).range(50).workers(1).chunk(1).submit();
    String id = job.id();
    try (var stream = follow(id, 0)) {
      assertThat(stream.line())
          .isEqualTo(
              """
              {"index":0,"at":0,"value":0}\
              """);
      assertThat(stream.line())
          .isEqualTo(
              """
              {"index":1,"at":1,"value":1}\
              """);
      job.cancelled();
      var rest = stream.lines();
      assertThat(rest).hasSize(49);
      assertThat(rest.getFirst())
          .isEqualTo(
              """
              {"index":2,"at":2,"skipped":true}\
              """);
      assertThat(rest.get(47))
          .isEqualTo(
              """
              {"index":49,"at":49,"skipped":true}\
              """);
      assertThat(rest.getLast()).isEqualTo(end(CANCELLED));
    }
    assertThat(read(id, "&from=47").lines()).hasSize(4);
    assertThat(read(id, "&from=50").lines()).hasSize(1);
    assertThat(read(id, "&from=1000").lines()).hasSize(1);
  }

  @Test
  void anEarlyEndSkipsTheRest() {
    var job =
        service.job().python(IDENTITY).range(1000).stopWhenTruthy(3).chunk(2).workers(1).run();
    var lines = ended(job, SUCCEEDED, 1_000);
    long skipped = job.skipped();
    assertThat(skipped).isPositive();
    assertThat(lines.subList((int) (1_000 - skipped), 1_000)).allMatch(line -> line.has("skipped"));
    assertThat(lines.subList(0, (int) (1_000 - skipped))).allMatch(line -> line.has("value"));
  }

  @Test
  void aFunctionThatDoesNotLoadSkipsAll() {
    var lines = ended(service.job().python("def f(x)").inputs(1, 2).run(), FAILED, 2);
    assertThat(lines).allMatch(line -> line.has("skipped"));
  }

  @Test
  void aReducedJobHasLinesForWhatWentWrongOnly() {
    String code = "def f(x): return 10 // (x % 10)";
    var job = service.job().python(code).range(30).reduce("count").run();
    assertThat(job).hasResult(27);
    List<JsonNode> lines = whole(String.join("\n", read(job).lines()) + "\n");
    assertThat(indexes(lines.subList(0, 3))).containsExactlyInAnyOrder(0L, 10L, 20L);
    assertThat(lines.getLast().toString()).isEqualTo(end(FAILED));
    long second = lines.get(1).get("at").longValue();
    assertThat(read(job.id(), "&from=" + second).lines()).hasSize(3);
    assertThat(read(job.id(), "&from=" + (second + 1)).lines()).hasSize(2);
  }

  @Test
  void aJobWithoutItemsHasAnEndAndAnOpenOneHasItWhenItIsClosed() {
    assertThat(ended(service.job().python(IDENTITY).inputs().run(), SUCCEEDED, 0)).isEmpty();
    String id = service.job().python("def f(x): return [x,\n x]").open().submit().id();
    assertThat(read(id, "").lines())
        .containsExactly(
            """
            {"end":{"state":"QUEUED","complete":false,"next":0}}\
            """);
    try (var stream = follow(id, 0)) {
      service.send(
          service
              .request("/api/v1/jobs/" + id + "/inputs")
              .header("Content-Type", "application/x-ndjson")
              .POST(BodyPublishers.ofString("7\n")));
      assertThat(json(stream.line()).get("value").toString()).isEqualTo("[7,7]");
      service.post("/api/v1/jobs/" + id + "/close", "");
      assertThat(stream.line()).contains("\"end\"", "SUCCEEDED");
      assertThat(stream.line()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "order=fastest | order | must be input or completion",
        "order=completion&offset=3 | offset | say from",
        "from=1&offset=1 | from | send one of them",
        "order=completion&from=-1 | from | must not be negative",
        "order=completion&from=x | from | must be",
        "order=completion&limit=0 | limit | at least 1",
      })
  void whatMakesNoSenseIsRefused(String query, String pointer, String detail) {
    String id = service.job().python(IDENTITY).inputs(1).run().id();
    var answer =
        service.send(
            service
                .request("/api/v1/jobs/" + id + "/results?" + query)
                .header("Accept", "application/x-ndjson"));
    assertProblem(answer, pointer, detail);
    assertProblem(
        service.get("/api/v1/jobs/" + id + "/results?order=completion"), "order", "x-ndjson");
  }

  private static void assertProblem(Service.Answer answer, String pointer, String detail) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(400);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    var error = answer.json().get("errors").get(0);
    assertThat(error.get("pointer").stringValue()).isEqualTo(pointer);
    assertThat(error.get("detail").stringValue()).contains(detail);
  }

  /** All lines but the last, which is checked; each item has one, at a place of its own. */
  private List<JsonNode> ended(FinishedJob job, JobState state, int items) {
    List<JsonNode> lines = read(job).lines().stream().map(Service::json).toList();
    assertThat(lines).hasSize(items + 1);
    assertThat(lines.getLast().get("end").get("state").stringValue()).isEqualTo(state.name());
    var results = lines.subList(0, items);
    assertThat(results).extracting(line -> line.get("at").longValue()).isEqualTo(longs(0, items));
    assertThat(indexes(results)).containsExactlyInAnyOrderElementsOf(longs(0, items));
    // A reader that was cut off after any line gets just the others.
    IntStream.of(0, items / 2, items)
        .forEach(from ->
            assertThat(read(job.id(), "&from=" + from).lines().stream().map(Service::json))
                .isEqualTo(lines.subList(from, items + 1)));
    return results;
  }

  /** Returns the last line of the results of a job that has ended. */
  private static String end(JobState state) {
    return """
    {"end":{"state":"%s","complete":true,"next":null}}\
    """
        .formatted(state);
  }

  private Wire follow(String id, int from) {
    return read(id, "&follow=true&from=" + from);
  }

  private Wire read(FinishedJob job) {
    return read(job.id(), "");
  }

  private Wire read(String id, String query) {
    return Wire.get(service, "/api/v1/jobs/" + id + "/results?order=completion" + query, LINES);
  }

  /** The lines of a text that are whole. */
  private static List<JsonNode> whole(String text) {
    int end = text.lastIndexOf('\n');
    return text.substring(0, Math.max(0, end))
        .lines()
        .map(Service::json)
        .collect(Collectors.toList());
  }

  private static List<Long> indexes(List<JsonNode> lines) {
    return lines.stream().map(line -> line.get("index").longValue()).toList();
  }

  private static List<Long> longs(long first, long end) {
    return LongStream.range(first, end).boxed().toList();
  }

  /** A function that gives its item back, those that match when the file is there. */
  private static String waitsFor(Path gate, String matching) {
    return "import os, time\ndef f(x):\n  while (%s) and not os.path.exists('%s'): time.sleep(0.01)\n  return x"
        .formatted(matching, gate);
  }
}
