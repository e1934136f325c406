package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Where a job's time went, as a client sees it on both stores. */
class TimelineIT extends OnEachStore {
  private static final String SLEEP = "import time\ndef f(x):\n    time.sleep(x)\n    return x";

  @Override
  String[] settings() {
    return new String[] {"--manyhands.workers.slots=2"};
  }

  @Test
  void everyItemIsInOneBarOfAWorker() {
    var job = service.job().python("def f(x): return 1 // (x - 7)").range(500).run();
    JsonNode timeline = service.get(path(job, "timeline")).json();

    assertThat(timeline.get("id")).isEqualTo(job.get("id"));
    assertThat(timeline.get("function").stringValue()).isEqualTo("f");
    assertThat(timeline.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(timeline.get("startedAt")).isEqualTo(job.get("startedAt"));
    assertThat(timeline.get("until")).isEqualTo(job.get("finishedAt"));
    assertThat(timeline.get("merged").booleanValue()).isFalse();
    List<JsonNode> bars = bars(timeline);
    assertThat(bars).hasSize(job.json().at("/chunks/done").intValue());
    assertThat(bars.stream().mapToLong(bar -> bar.at("/items/count").longValue()).sum())
        .isEqualTo(500);
    assertThat(bars.stream().mapToLong(bar -> bar.get("failed").longValue()).sum()).isEqualTo(1);
    assertThat(bars).allMatch(bar -> bar.get("pid").longValue() > 1);
    assertThat(bars).allMatch(bar -> bar.get("attempt").intValue() == 1);
  }

  @Test
  void thePictureIsXmlAndUsersWordsStayWords() throws Exception {
    var job =
        service
            .job()
            .python("def f(x): return x")
            .inputs(1, 2, 3)
            .name("<script>&\"'</script>")
            .run();
    var byHeader =
        service.send(service.request(path(job, "timeline")).header("Accept", "image/svg+xml"));
    var byParameter = service.get(path(job, "timeline") + "?format=svg");

    assertThat(byHeader.status()).isEqualTo(200);
    assertThat(byHeader.header("Content-Type")).startsWith("image/svg+xml");
    assertThat(byHeader.header("Content-Security-Policy")).startsWith("default-src 'none'");
    assertThat(byHeader.body()).isEqualTo(byParameter.body());
    var factory = DocumentBuilderFactory.newInstance();
    var svg =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(byHeader.body().getBytes(StandardCharsets.UTF_8)));
    assertThat(svg.getElementsByTagName("script").getLength()).isZero();
    assertThat(svg.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("<script>&\"'</script> · f · SUCCEEDED");
  }

  @Test
  void thePictureHasItsColoursInOtherProgramsThanBrowsers() throws Exception {
    Requirements.librsvg();
    var job = service.job().python(SLEEP).inputs(0.3, 0.3, 0.3, "no time").run();
    var picture = DrawnPicture.of(service.get(path(job, "timeline") + "?format=svg").body());

    assertThat(picture.share(0xFFFFFF)).as("paper").isGreaterThan(0.4);
    assertThat(picture.share(0x3273B8)).as("bars").isGreaterThan(0.01);
    assertThat(picture.share(0x000000)).as("black").isLessThan(0.01);
  }

  @Test
  void aWindowHasTheChunksThatOverlapIt() {
    var job = service.job().python(SLEEP).inputs(0.2, 0.2, 0.2, 0.2, 0.2).workers(1).chunk(1).run();
    List<JsonNode> all = bars(service.get(path(job, "timeline")).json());
    double from = middle(job, all.get(1));
    double to = middle(job, all.get(3));
    String query = "?from=" + from + "&to=" + to;
    JsonNode window = service.get(path(job, "timeline") + query).json();
    JsonNode trace = service.get(path(job, "timeline") + query + "&format=trace").json();
    String picture = service.get(path(job, "timeline") + query + "&format=svg").body();
    JsonNode end = service.get(path(job, "timeline") + "?from=" + from).json();

    assertThat(bars(window)).isEqualTo(all.subList(1, 4));
    assertThat(window.get("chunks").intValue()).isEqualTo(3);
    assertThat(window.at("/window/from").doubleValue()).isEqualTo(from);
    assertThat(window.at("/window/to").doubleValue()).isEqualTo(to);
    assertThat(trace.at("/otherData/chunks").intValue()).isEqualTo(3);
    assertThat(picture).contains("<title>item 1", "<title>item 3").doesNotContain("<title>item 0");
    assertThat(bars(end)).isEqualTo(all.subList(1, 5));
    assertThat(service.get(path(job, "timeline")).json().get("window").isNull()).isTrue();
    JsonNode later = service.get(path(job, "timeline") + "?from=1e6&to=2e6").json();
    assertThat(bars(later)).isEmpty();
    assertThat(service.get(path(job, "timeline") + "?from=1e6&format=svg").body())
        .contains("No chunk was reported for this time");
  }

  @Test
  void aWindowThatIsNoneIsRefused() {
    var job = service.job().python(SLEEP).inputs(0).run();
    for (String query :
        List.of("from=2&to=2", "from=3&to=2", "from=-1", "to=-1", "to=0", "from=NaN", "to=1e12")) {
      var answer = service.get(path(job, "timeline") + "?" + query);
      assertThat(answer.status()).as(query).isEqualTo(400);
      assertThat(answer.json().at("/errors/0/pointer").stringValue()).isIn("from", "to");
    }
    assertThat(service.get(path(job, "timeline") + "?from=soon").json().get("detail").stringValue())
        .isEqualTo("from: must be a number");
  }

  private static double middle(FinishedJob job, JsonNode bar) {
    Instant start = Instant.parse(job.get("startedAt").stringValue());
    Instant began = Instant.parse(bar.get("startedAt").stringValue());
    Instant ended = Instant.parse(bar.get("finishedAt").stringValue());
    return (Duration.between(start, began).toNanos() + Duration.between(start, ended).toNanos())
        / 2e9;
  }

  @Test
  void theFirstBarOfAWorkerSaysHowLongItStarted() {
    String slow = "import time\ntime.sleep(0.5)\ndef f(x): return x";
    var job = service.job().python(slow).inputs(1, 2, 3, 4).workers(1).chunk(1).run();
    List<JsonNode> bars = bars(service.get(path(job, "timeline")).json());

    assertThat(bars).hasSize(4);
    double startUp = bars.getFirst().get("startUpSeconds").doubleValue();
    assertThat(startUp).isGreaterThanOrEqualTo(0.4);
    assertThat(bars.subList(1, 4)).allMatch(bar -> bar.get("startUpSeconds").doubleValue() == 0);
    JsonNode report = service.get(path(job, "report")).json();
    assertThat(report.at("/seconds/startUp").doubleValue()).isCloseTo(startUp, within(1e-5));
    assertThat(service.get(path(job, "timeline") + "?format=svg").body())
        .contains("\nstarts</title>");
  }

  @Test
  void aJobOfFewItemsHasABarForEachAndARowForEachThread() {
    var seconds = new ArrayList<Object>(Collections.nCopies(29, 0.05));
    seconds.add("no time");
    var job = service.job().python(SLEEP).inputs(seconds.toArray()).workers(1).threads(3).run();
    JsonNode timeline = service.get(path(job, "timeline")).json();
    List<JsonNode> items = timeline.get("items").valueStream().toList();

    assertThat(items.stream().map(item -> item.get("item").intValue()))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 30).boxed().toList());
    assertThat(items.stream().map(item -> item.get("thread").intValue()).distinct())
        .containsExactlyInAnyOrder(1, 2, 3);
    for (JsonNode item : items) {
      boolean failed = item.get("item").intValue() == 29;
      assertThat(item.get("failed").booleanValue()).isEqualTo(failed);
      if (!failed) {
        assertThat(Duration.between(instant(item, "startedAt"), instant(item, "finishedAt")))
            .isGreaterThanOrEqualTo(Duration.ofMillis(49));
      }
      assertThat(instant(item, "startedAt")).isAfterOrEqualTo(instant(job.json(), "startedAt"));
      assertThat(instant(item, "finishedAt")).isBeforeOrEqualTo(instant(job.json(), "finishedAt"));
    }
    assertThat(service.get(path(job, "timeline") + "?format=svg").body())
        .contains(">thread 2</text>", ">thread 3</text>");
  }

  private static Instant instant(JsonNode node, String member) {
    return Instant.parse(node.get(member).stringValue());
  }

  @Test
  void theTraceHasASliceForEachChunk() {
    var job = service.job().python("def f(x): return x").range(50).run();
    var answer = service.get(path(job, "timeline") + "?format=trace");

    assertThat(answer.header("Content-Type")).startsWith("application/json");
    long slices =
        answer
            .json()
            .get("traceEvents")
            .valueStream()
            .filter(event -> event.get("ph").stringValue().equals("X"))
            .count();
    assertThat(slices).isEqualTo(job.json().at("/chunks/done").longValue());
  }

  @Test
  void moreChunksThanBarsAreMerged() {
    var job = service.job().named("gcd").repeat(List.of(12, 18), 500).chunk(1).run();
    JsonNode timeline = service.get(path(job, "timeline") + "?bars=100").json();

    assertThat(timeline.get("merged").booleanValue()).isTrue();
    assertThat(timeline.get("chunks").longValue()).isEqualTo(500);
    List<JsonNode> bars = bars(timeline);
    assertThat(bars).hasSizeLessThanOrEqualTo(100);
    assertThat(bars.stream().mapToLong(bar -> bar.get("chunks").longValue()).sum()).isEqualTo(500);
  }

  @Test
  void aCrashThatWasTriedAgainShowsAsASecondAttempt() {
    String code =
        """
        import os
        def f(path):
            if not os.path.exists(path):
                open(path, "w").close()
                os.abort()
            return "done"
        """;
    String marker = Service.newDirectory().resolve("marker").toString();
    var job = service.job().python(code).inputs(marker).run();
    assertThat(job).hasState(SUCCEEDED);

    assertThat(bars(service.get(path(job, "timeline")).json()).getFirst().get("attempt").intValue())
        .isEqualTo(2);
    JsonNode report = service.get(path(job, "report")).json();
    assertThat(report.at("/attempts/retriedChunks").intValue()).isEqualTo(1);
    assertThat(rules(report)).contains("attempts");
  }

  @Test
  void theReportAddsUpAndNamesTheStraggler() {
    String measured =
        "import time\n"
            + "def f(x):\n"
            + "    begin = time.monotonic()\n"
            + "    time.sleep(x)\n"
            + "    return time.monotonic() - begin";
    // Warm workers: on a busy machine a start may take longer than all items.
    service.job().python(measured).inputs(0.2, 0.2).chunk(1).run();
    var job =
        service.job().python(measured).inputs(0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 1).run();
    JsonNode report = service.get(path(job, "report")).json();

    double wall = report.get("wallSeconds").doubleValue();
    assertThat(wall).isCloseTo(job.get("elapsedSeconds").doubleValue(), within(1e-5));
    assertThat(report.get("slots").intValue()).isEqualTo(2);
    double sum = 0;
    for (JsonNode part : report.get("seconds")) {
      assertThat(part.doubleValue()).isNotNegative();
      sum += part.doubleValue();
    }
    assertThat(sum).isCloseTo(2 * wall, within(0.02 * 2 * wall));
    // A busy machine wakes sleepers late. The items report how long they really slept.
    double slept = job.result().valueStream().mapToDouble(JsonNode::doubleValue).sum();
    assertThat(slept).isGreaterThanOrEqualTo(1.35);
    assertThat(report.at("/seconds/run").doubleValue()).isCloseTo(slept, within(0.1));
    assertThat(report.get("complete").booleanValue()).isTrue();
    assertThat(report.at("/slowestItems/0/first").intValue()).isEqualTo(7);
    assertThat(report.at("/chunks/why").stringValue()).startsWith("automatic");
    assertThat(rules(report)).contains("straggler");
  }

  @Test
  void aRunningJobHasATimelineAndAReportSoFar() {
    var job = service.job().python(SLEEP).inputs(0.01, 0.01, 0.01, 60).chunk(1).submit();
    JsonNode timeline;
    do {
      timeline = service.get(job.path() + "/timeline").json();
    } while (timeline.get("bars").size() < 3);
    JsonNode report;
    do {
      report = service.get(job.path() + "/report").json();
    } while (!rules(report).contains("unreported"));
    job.cancelled();
    JsonNode cut = service.get(job.path() + "/report").json();

    assertThat(timeline.get("state").stringValue()).isEqualTo("RUNNING");
    assertThat(report.get("complete").booleanValue()).isFalse();
    assertThat(report.at("/seconds/unreported").doubleValue()).isPositive();
    assertThat(cut.at("/seconds/unreported").doubleValue()).isZero();
    assertThat(rules(cut)).contains("cutShort");
  }

  @Test
  void aShortJobThatWaitsIsAdvisedANumberOfThreads() {
    var python =
        service.job().python("import time\ndef f(x): time.sleep(0.02)").range(60).workers(1).run();
    assertThat(advised(python, "threads")).containsPattern("With \"threads\": \\d+ a worker");

    var java = service.job().named("io_heavy").inputs(0.3, 0.3, 0.3, 0.3).workers(1).run();
    assertThat(advised(java, "threads")).containsPattern("With \"threads\": [24] a worker");
  }

  @Test
  void aShortJobThatComputesIsAdvisedNoThreads() {
    String code = "def f(x):\n    return sum(range(500000))";
    var job = service.job().python(code).range(60).workers(1).run();
    assertThat(rules(service.get(path(job, "report")).json())).doesNotContain("threads");
  }

  private String advised(FinishedJob job, String rule) {
    JsonNode report = service.get(path(job, "report")).json();
    return report
        .get("advice")
        .valueStream()
        .filter(advice -> advice.get("rule").stringValue().equals(rule))
        .map(advice -> advice.get("text").stringValue())
        .findFirst()
        .orElse("no such advice: " + report);
  }

  @Test
  void whatCannotBeToldIsAProblem() {
    var empty = service.job().named("gcd").inputs().run();
    assertThat(service.get(path(empty, "report")).status()).isEqualTo(409);
    assertThat(service.get(path(empty, "timeline")).json().get("bars")).isEmpty();
    assertThat(service.get(path(empty, "timeline") + "?format=svg").body()).contains("No chunk");
    for (String wrong : List.of("format=png", "bars=0", "bars=10001", "format=svg&bars=5000")) {
      var answer =
          service.send(
              service
                  .request(path(empty, "timeline") + "?" + wrong)
                  .header("Accept", "image/svg+xml"));
      assertThat(answer.status()).as(wrong).isEqualTo(400);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(answer.json().at("/errors/0/pointer").stringValue())
          .isEqualTo(wrong.contains("bars") ? "bars" : "format");
    }
    String none = "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/";
    assertThat(service.get(none + "timeline").status()).isEqualTo(404);
    assertThat(service.get(none + "report").status()).isEqualTo(404);
  }

  private static String path(FinishedJob job, String what) {
    return job.path() + "/" + what;
  }

  private static List<JsonNode> bars(JsonNode timeline) {
    return timeline.get("bars").valueStream().toList();
  }

  private static List<String> rules(JsonNode report) {
    return StreamSupport.stream(report.get("advice").spliterator(), false)
        .map(advice -> advice.get("rule").stringValue())
        .toList();
  }
}
