package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Jobs with {@code cache}: what was computed before is not computed again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemoIT {
  private static final String CACHE = "\"cache\": true";
  private Service service;

  @TempDir private Path directory;
  private int files;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  /** A function that leaves a byte in a file for each call, so that calls can be counted. */
  private final class Counted {
    private final Path calls = directory.resolve("calls" + files++);
    private final String code;

    Counted(String body) {
      code =
          """
          import os, random
          def f(x, **common):
              file = os.open("%s", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
              os.write(file, b".")
              os.close(file)
              %s
          """
              .formatted(calls, body);
    }

    String job(String inputs, String... more) {
      return python(code, inputs, more);
    }

    long calls() throws IOException {
      return Files.exists(calls) ? Files.size(calls) : 0;
    }
  }

  private static String range(int start, int stop) {
    return "{\"range\": {\"start\": %d, \"stop\": %d}}".formatted(start, stop);
  }

  private static long cached(JsonNode job) {
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    return job.get("items").get("cached").longValue();
  }

  private List<Long> numbers(JsonNode job) {
    return service.results(job.get("id").stringValue()).stream().map(JsonNode::longValue).toList();
  }

  @Test
  void theSameJobAgainExecutesNothing() throws Exception {
    var function = new Counted("return x * x");
    String job = function.job(range(0, 5_000), CACHE);
    var first = service.run(job);
    assertThat(cached(first)).isZero();
    assertThat(function.calls()).isEqualTo(5_000);

    var second = service.run(job);
    assertThat(cached(second)).isEqualTo(5_000);
    assertThat(second.get("items").get("succeeded").longValue()).isEqualTo(5_000);
    assertThat(second.get("chunks").get("done").longValue()).isZero();
    assertThat(function.calls()).isEqualTo(5_000);
    assertThat(numbers(second))
        .isEqualTo(LongStream.range(0, 5_000).map(x -> x * x).boxed().toList())
        .isEqualTo(numbers(first));

    // A job without the cache option gets no remembered values.
    assertThat(cached(service.run(function.job(range(0, 10))))).isZero();
    assertThat(function.calls()).isEqualTo(5_010);
  }

  @Test
  void aLongJobHoldsUpNoShortOne() {
    String code = "def f(x): return [x]";
    String longJob = service.submit(python(code, range(0, 1_000_000), CACHE));
    var shortJob = service.run(python(code, "[7]", CACHE));

    assertThat(shortJob.get("result").toString()).isEqualTo("[[7]]");
    JsonNode other = service.get("/api/v1/jobs/" + longJob).json();
    assertThat(other.get("finishedAt").isNull()).as("%s", other).isTrue();
    service.cancelled(longJob);
  }

  @Test
  void cheapItemsAreNotTakenToPieces() {
    String code = "def f(x): return x + 1";
    service.run(python(code, everySecond(4_000), CACHE));

    var all = service.run(python(code, range(0, 4_000), CACHE));

    assertThat(cached(all)).isZero();
    assertThat(all.get("chunks").get("done").longValue()).isLessThan(400);
    assertThat(numbers(all)).isEqualTo(LongStream.rangeClosed(1, 4_000).boxed().toList());
  }

  @Test
  void dearItemsAre() {
    String code = "import time\ndef f(x):\n  time.sleep(0.002)\n  return x + 1";
    service.run(python(code, everySecond(400), CACHE));

    var all = service.run(python(code, range(0, 400), CACHE));

    assertThat(cached(all)).isEqualTo(200);
    assertThat(numbers(all)).isEqualTo(LongStream.rangeClosed(1, 400).boxed().toList());
  }

  private static String everySecond(int stop) {
    return IntStream.range(0, stop).filter(x -> x % 2 == 0).boxed().toList().toString();
  }

  @Test
  void onlyWhatIsNewRuns() throws Exception {
    var function = new Counted("return -x");
    service.run(function.job(range(100, 300), CACHE));
    var wider = service.run(function.job(range(0, 1_000), CACHE));
    assertThat(cached(wider)).isEqualTo(200);
    assertThat(function.calls()).isEqualTo(1_000);
    assertThat(numbers(wider)).isEqualTo(LongStream.range(0, 1_000).map(x -> -x).boxed().toList());
    // In another order, with other options, and as a list instead of a range.
    String backwards =
        IntStream.range(0, 500)
            .mapToObj(i -> " " + (999 - 2 * i))
            .collect(Collectors.joining(",", "[", "]"));
    var again =
        service.run(
            function.job(backwards, CACHE, "\"workers\": 1", "\"chunking\": {\"size\": 7}"));
    assertThat(cached(again)).isEqualTo(500);
    assertThat(numbers(again))
        .isEqualTo(IntStream.range(0, 500).mapToObj(i -> 2L * i - 999).toList());
  }

  @Test
  void anotherFunctionCallOrCommonMisses() throws Exception {
    var function = new Counted("return x");
    var changed = new Counted("return x + 1");
    assertThat(cached(service.run(function.job("[[1], [2]]", CACHE)))).isZero();
    assertThat(cached(service.run(changed.job("[[1], [2]]", CACHE, "\"call\": \"starmap\""))))
        .isZero();
    assertThat(cached(service.run(function.job("[[1], [2]]", CACHE, "\"call\": \"starmap\""))))
        .isZero();
    assertThat(cached(service.run(function.job("[[1], [2]]", CACHE, "\"common\": {\"y\": 5}"))))
        .isZero();
    assertThat(cached(service.run(function.job("[[1], [2]]", CACHE, "\"common\": {\"y\": 6}"))))
        .isZero();
    assertThat(cached(service.run(function.job("[[1], [2]]", CACHE, "\"common\": { \"y\" : 5 }"))))
        .isEqualTo(2);
  }

  @Test
  void randomNumbersAreTheSameOnlyForTheSameSeedAndPlace() throws Exception {
    var function = new Counted("return random.random()");
    var first = service.run(function.job(range(0, 50), CACHE, "\"seed\": 7"));
    var same = service.run(function.job(range(0, 50), CACHE, "\"seed\": 7"));
    assertThat(cached(same)).isEqualTo(50);
    assertThat(service.results(same.get("id").stringValue()))
        .isEqualTo(service.results(first.get("id").stringValue()));
    assertThat(cached(service.run(function.job(range(0, 50), CACHE, "\"seed\": 8")))).isZero();
    assertThat(cached(service.run(function.job(range(1, 51), CACHE, "\"seed\": 7")))).isZero();
  }

  @Test
  void failuresAreNotRemembered() throws Exception {
    var function = new Counted("return 1 // (x % 3)");
    String job = function.job(range(0, 300), CACHE, "\"maxFailures\": 100");
    service.run(job);
    var again = service.run(job);
    assertThat(cached(again)).isEqualTo(200);
    assertThat(again.get("items").get("failed").longValue()).isEqualTo(100);
    assertThat(function.calls()).isEqualTo(400);
  }

  @Test
  void reductionsAndEarlyEndsTakeWhatIsRemembered() throws Exception {
    var function = new Counted("return x");
    var sum = service.run(function.job(range(0, 1_000), CACHE, "\"reduce\": \"sum\""));
    assertThat(sum.get("result").longValue()).isEqualTo(499_500);
    var list = service.run(function.job(range(0, 1_000), CACHE));
    assertThat(cached(list)).isEqualTo(1_000);
    assertThat(numbers(list)).isEqualTo(LongStream.range(0, 1_000).boxed().toList());
    var max = service.run(function.job(range(0, 1_200), CACHE, "\"reduce\": \"max\""));
    assertThat(cached(max)).isEqualTo(1_000);
    assertThat(max.get("result").longValue()).isEqualTo(1_199);
    assertThat(function.calls()).isEqualTo(1_200);

    var found = service.run(function.job(range(0, 1_200), CACHE, "\"reduce\": \"find\""));
    assertThat(found.get("result").get("index").longValue()).isEqualTo(1);
    assertThat(function.calls()).isEqualTo(1_200);
  }

  @Test
  void valuesThatCannotBeReducedAreTheFunctionsToAnswerFor() throws Exception {
    var function = new Counted("return 'word' if x == 5 else x");
    service.run(function.job(range(0, 10), CACHE));
    var sum =
        service.run(function.job(range(0, 10), CACHE, "\"reduce\": \"sum\"", "\"maxFailures\": 1"));
    assertThat(sum.get("result").longValue()).isEqualTo(40);
    assertThat(sum.get("items").get("failed").longValue()).isEqualTo(1);
  }

  @Test
  void largeValuesComeBackWhole() throws Exception {
    var function = new Counted("return str(x) * x");
    String job = function.job("[100, 511, 512, 513, 100000, 600000, 3]", CACHE);
    var first = service.run(job);
    var second = service.run(job);
    // Only what is beyond the bound of one value runs again.
    assertThat(cached(second)).isEqualTo(6);
    assertThat(function.calls()).isEqualTo(8);
    assertThat(service.results(second.get("id").stringValue()))
        .isEqualTo(service.results(first.get("id").stringValue()));
  }

  @Test
  void inputsThatComeInPiecesAreLookedUpToo() throws Exception {
    var function = new Counted("return x");
    service.run(function.job(range(0, 600), CACHE));
    String id = service.submit(function.job("{\"open\": true}", CACHE));
    for (int i = 0; i < 3; i++) {
      String lines =
          IntStream.range(200 * i, 200 * i + 300)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining("\n"));
      var answer =
          service.send(
              service
                  .request("/api/v1/jobs/" + id + "/inputs")
                  .header("Content-Type", "application/x-ndjson")
                  .POST(HttpRequest.BodyPublishers.ofString(lines)));
      assertThat(answer.status()).as("%s", answer).isLessThan(300);
    }
    service.post("/api/v1/jobs/" + id + "/close", "");
    var job = service.await(id);
    assertThat(cached(job)).isEqualTo(800);
    assertThat(function.calls()).isEqualTo(700);
    assertThat(service.results(id)).hasSize(900);
  }

  @Test
  void whatWasRememberedCanBeSeen() throws Exception {
    var function = new Counted("return x");
    service.run(function.job(range(0, 100), CACHE));
    var job = service.run(function.job(range(0, 100), CACHE));
    String url = "/api/v1/jobs/" + job.get("id").stringValue();
    var item = service.get(url + "/items/7").json();
    assertThat(item.get("value").intValue()).isEqualTo(7);
    assertThat(item.get("cached").booleanValue()).isTrue();
    assertThat(item.get("worker").isNull()).isTrue();
    assertThat(service.get(url + "/timeline").status()).isEqualTo(200);
    assertThat(service.get(url + "/report").status()).isEqualTo(200);
    assertThat(service.get("/actuator/prometheus").body())
        .containsPattern("manyhands_memo_lookups_total\\{result=\"hit\"\\} [1-9]")
        .containsPattern("manyhands_memo_lookups_total\\{result=\"miss\"\\} [1-9]")
        .containsPattern("manyhands_memo_values [1-9]")
        .containsPattern("manyhands_memo_size_bytes [1-9]")
        .contains("outcome=\"cached\"");
  }

  @Test
  void inTheOrderOfCompletionEachItemHasOnePlace() throws Exception {
    var function = new Counted("return x // 50 if x < 100 else 1 // 0");
    service.run(function.job(range(0, 60), CACHE));
    // Ends early, by an item that is remembered: some are known, some ran perhaps, most never ran.
    var job = service.run(function.job(range(0, 1_000), CACHE, "\"stopWhen\": {\"truthy\": 1}"));
    var lines =
        service
            .send(
                service
                    .request(
                        "/api/v1/jobs/" + job.get("id").stringValue() + "/results?order=completion")
                    .header("Accept", "application/x-ndjson"))
            .body()
            .lines()
            .map(Service::json)
            .toList();
    var places = lines.stream().filter(line -> line.has("at")).toList();
    assertThat(places.stream().map(line -> line.get("at").longValue()))
        .containsExactlyElementsOf(LongStream.range(0, 1_000).boxed().toList());
    assertThat(places.stream().map(line -> line.get("index").longValue()).distinct())
        .hasSize(1_000);
    assertThat(lines.getLast().get("end").get("complete").booleanValue()).isTrue();
  }

  @Test
  void theMemoryIsBounded() throws Exception {
    try (var small = Service.start(Service.newDirectory(), "--manyhands.memo.max-bytes=40KB")) {
      String code = "def f(x): return 'x' * 100";
      for (int i = 0; i < 4; i++) {
        var job = small.run(python(code, range(1_000 * i, 1_000 * i + 1_000), CACHE));
        assertThat(job.get("items").get("succeeded").longValue()).isEqualTo(1_000);
      }
      String metrics = "";
      // Eviction goes on behind the jobs; a job that looks up comes after it.
      for (int i = 0;
          i < 20 && !metrics.matches("(?s).*memo_size_bytes [0-4]?[0-9]{0,4}\\.0.*");
          i++) {
        small.run(python(code, range(0, 1), CACHE));
        metrics = small.get("/actuator/prometheus").body();
      }
      assertThat(metrics).containsPattern("memo_size_bytes [0-4]?[0-9]{0,4}\\.0");
      assertThat(metrics).containsPattern("manyhands_memo_evictions_total [1-9]");
    }
  }

  @Test
  void itCanBeSwitchedOff() throws Exception {
    try (var off = Service.start(Service.newDirectory(), "--manyhands.memo.max-bytes=0")) {
      var function = new Counted("return x");
      off.run(function.job(range(0, 50), CACHE));
      assertThat(cached(off.run(function.job(range(0, 50), CACHE)))).isZero();
      assertThat(function.calls()).isEqualTo(100);
    }
  }

  @Test
  void aKilledServiceRemembers() throws Exception {
    rememberAcrossKill();
  }

  @Test
  void aKilledServiceOnPostgresRemembers() throws Exception {
    try (var postgres = EmbeddedPostgres.start()) {
      rememberAcrossKill(OwnStore.settings(postgres));
    }
  }

  private void rememberAcrossKill(String... settings) throws Exception {
    var function = new Counted("return x + 1");
    var first = Service.start(Service.newDirectory(), settings);
    first.run(function.job(range(0, 700), CACHE));
    first.killMinus9();
    try (var second = first.again()) {
      var job = second.run(function.job(range(0, 800), CACHE));
      // Values that were being stored when the power went may be computed again, but no item is
      // lost.
      assertThat(job.get("items").get("succeeded").longValue()).isEqualTo(800);
      assertThat(cached(job) + function.calls()).isEqualTo(700 + 800);
      assertThat(cached(second.run(function.job(range(0, 800), CACHE)))).isEqualTo(800);
    }
  }
}
