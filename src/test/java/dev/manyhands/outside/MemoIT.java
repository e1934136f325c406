package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Jobs with {@code cache}: what was computed before is not computed again. */
@RunningService
class MemoIT {
  private final Service service;

  @TempDir private Path directory;
  private int files;

  MemoIT(Service service) {
    this.service = service;
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

    JobBuilder job() {
      return job(service);
    }

    JobBuilder job(Service other) {
      return other.job().python(code).cache();
    }

    long calls() throws IOException {
      return Files.exists(calls) ? Files.size(calls) : 0;
    }
  }

  private static long cached(FinishedJob job) {
    assertThat(job).hasState(SUCCEEDED);
    return job.get("items").get("cached").longValue();
  }

  private static List<Long> numbers(FinishedJob job) {
    return job.results().stream().map(JsonNode::longValue).toList();
  }

  @Test
  void theSameJobAgainExecutesNothing() throws Exception {
    var function = new Counted("return x * x");
    var job = function.job().range(0, 5_000);
    var first = job.run();
    assertThat(cached(first)).isZero();
    assertThat(function.calls()).isEqualTo(5_000);

    var second = job.run();
    assertThat(cached(second)).isEqualTo(5_000);
    assertThat(second).hasSucceeded(5_000);
    assertThat(second.get("chunks").get("done").longValue()).isZero();
    assertThat(function.calls()).isEqualTo(5_000);
    assertThat(numbers(second))
        .isEqualTo(LongStream.range(0, 5_000).map(x -> x * x).boxed().toList())
        .isEqualTo(numbers(first));

    // A job without the cache option gets no remembered values.
    assertThat(cached(service.job().python(function.code).range(0, 10).run())).isZero();
    assertThat(function.calls()).isEqualTo(5_010);
  }

  @Test
  void aLongJobHoldsUpNoShortOne() {
    String code = "def f(x): return [x]";
    var longJob = service.job().python(code).range(0, 1_000_000).cache().submit();
    var shortJob = service.job().python(code).inputs(7).cache().run();

    assertThat(shortJob).hasResult("[[7]]");
    JsonNode other = longJob.view();
    assertThat(other.get("finishedAt").isNull()).as("%s", other).isTrue();
    longJob.cancelled();
  }

  @Test
  void cheapItemsAreNotTakenToPieces() {
    String code = "def f(x): return x + 1";
    service.job().python(code).inputs(everySecond(4_000)).cache().run();

    var all = service.job().python(code).range(0, 4_000).cache().run();

    assertThat(cached(all)).isZero();
    assertThat(all.get("chunks").get("done").longValue()).isLessThan(400);
    assertThat(numbers(all)).isEqualTo(LongStream.rangeClosed(1, 4_000).boxed().toList());
  }

  @Test
  void dearItemsAre() {
    String code = "import time\ndef f(x):\n  time.sleep(0.002)\n  return x + 1";
    service.job().python(code).inputs(everySecond(400)).cache().run();

    var all = service.job().python(code).range(0, 400).cache().run();

    assertThat(cached(all)).isEqualTo(200);
    assertThat(numbers(all)).isEqualTo(LongStream.rangeClosed(1, 400).boxed().toList());
  }

  private static Object[] everySecond(int stop) {
    return IntStream.range(0, stop).filter(x -> x % 2 == 0).boxed().toArray();
  }

  @Test
  void onlyWhatIsNewRuns() throws Exception {
    var function = new Counted("return -x");
    function.job().range(100, 300).run();
    var wider = function.job().range(0, 1_000).run();
    assertThat(cached(wider)).isEqualTo(200);
    assertThat(function.calls()).isEqualTo(1_000);
    assertThat(numbers(wider)).isEqualTo(LongStream.range(0, 1_000).map(x -> -x).boxed().toList());
    // In another order, with other options, and as a list instead of a range.
    String backwards =
        IntStream.range(0, 500)
            .mapToObj(i -> " " + (999 - 2 * i))
            .collect(Collectors.joining(",", "[", "]"));
    var again = function.job().inputsAsWritten(backwards).workers(1).chunk(7).run();
    assertThat(cached(again)).isEqualTo(500);
    assertThat(numbers(again))
        .isEqualTo(IntStream.range(0, 500).mapToObj(i -> 2L * i - 999).toList());
  }

  @Test
  void anotherFunctionCallOrCommonMisses() throws Exception {
    var function = new Counted("return x");
    var changed = new Counted("return x + 1");
    assertThat(cached(lists(function).run())).isZero();
    assertThat(cached(lists(changed).starmap().run())).isZero();
    assertThat(cached(lists(function).starmap().run())).isZero();
    assertThat(cached(lists(function).common(Map.of("y", 5)).run())).isZero();
    assertThat(cached(lists(function).common(Map.of("y", 6)).run())).isZero();
    String spaces =
        """
        { "y" : 5 }\
        """;
    assertThat(cached(lists(function).optionAsWritten("common", spaces).run())).isEqualTo(2);
  }

  private static JobBuilder lists(Counted function) {
    return function.job().inputs(List.of(1), List.of(2));
  }

  @Test
  void randomNumbersAreTheSameOnlyForTheSameSeedAndPlace() throws Exception {
    var function = new Counted("return random.random()");
    var first = function.job().range(0, 50).seed(7).run();
    var same = function.job().range(0, 50).seed(7).run();
    assertThat(cached(same)).isEqualTo(50);
    assertThat(same.results()).isEqualTo(first.results());
    assertThat(cached(function.job().range(0, 50).seed(8).run())).isZero();
    assertThat(cached(function.job().range(1, 51).seed(7).run())).isZero();
  }

  @Test
  void failuresAreNotRemembered() throws Exception {
    var function = new Counted("return 1 // (x % 3)");
    var job = function.job().range(0, 300).maxFailures(100);
    job.run();
    var again = job.run();
    assertThat(cached(again)).isEqualTo(200);
    assertThat(again).hasFailed(100);
    assertThat(function.calls()).isEqualTo(400);
  }

  @Test
  void reductionsAndEarlyEndsTakeWhatIsRemembered() throws Exception {
    var function = new Counted("return x");
    var sum = function.job().range(0, 1_000).reduce("sum").run();
    assertThat(sum).hasResult(499_500);
    var list = function.job().range(0, 1_000).run();
    assertThat(cached(list)).isEqualTo(1_000);
    assertThat(numbers(list)).isEqualTo(LongStream.range(0, 1_000).boxed().toList());
    var max = function.job().range(0, 1_200).reduce("max").run();
    assertThat(cached(max)).isEqualTo(1_000);
    assertThat(max).hasResult(1_199);
    assertThat(function.calls()).isEqualTo(1_200);

    var found = function.job().range(0, 1_200).reduce("find").run();
    assertThat(found.result().get("index").longValue()).isEqualTo(1);
    assertThat(function.calls()).isEqualTo(1_200);
  }

  @Test
  void valuesThatCannotBeReducedAreTheFunctionsToAnswerFor() throws Exception {
    var function = new Counted("return 'word' if x == 5 else x");
    function.job().range(0, 10).run();
    var sum = function.job().range(0, 10).reduce("sum").maxFailures(1).run();
    assertThat(sum).hasResult(40).hasFailed(1);
  }

  @Test
  void largeValuesComeBackWhole() throws Exception {
    var function = new Counted("return str(x) * x");
    var job = function.job().inputs(100, 511, 512, 513, 100_000, 600_000, 3);
    var first = job.run();
    var second = job.run();
    // Only what is beyond the bound of one value runs again.
    assertThat(cached(second)).isEqualTo(6);
    assertThat(function.calls()).isEqualTo(8);
    assertThat(second.results()).isEqualTo(first.results());
  }

  @Test
  void inputsThatComeInPiecesAreLookedUpToo() throws Exception {
    var function = new Counted("return x");
    function.job().range(0, 600).run();
    var open = function.job().open().submit();
    for (int i = 0; i < 3; i++) {
      String lines =
          IntStream.range(200 * i, 200 * i + 300)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining("\n"));
      var answer =
          service.send(
              service
                  .request(open.path() + "/inputs")
                  .header("Content-Type", "application/x-ndjson")
                  .POST(HttpRequest.BodyPublishers.ofString(lines)));
      assertThat(answer.status()).as("%s", answer).isLessThan(300);
    }
    service.post(open.path() + "/close", "");
    var job = open.await();
    assertThat(cached(job)).isEqualTo(800);
    assertThat(function.calls()).isEqualTo(700);
    assertThat(job.results()).hasSize(900);
  }

  @Test
  void whatWasRememberedCanBeSeen() throws Exception {
    var function = new Counted("return x");
    function.job().range(0, 100).run();
    var job = function.job().range(0, 100).run();
    String url = job.path();
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
    function.job().range(0, 60).run();
    // Ends early, by an item that is remembered: some are known, some ran perhaps, most never ran.
    var job = function.job().range(0, 1_000).stopWhenTruthy(1).run();
    var lines =
        service
            .send(
                service
                    .request(job.path() + "/results?order=completion")
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
        long first = 1_000 * i;
        var job = small.job().python(code).range(first, first + 1_000).cache().run();
        assertThat(job).hasSucceeded(1_000);
      }
      String metrics = "";
      // Eviction goes on behind the jobs; a job that looks up comes after it.
      for (int i = 0;
          i < 20 && !metrics.matches("(?s).*memo_size_bytes [0-4]?[0-9]{0,4}\\.0.*");
          i++) {
        small.job().python(code).range(0, 1).cache().run();
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
      function.job(off).range(0, 50).run();
      assertThat(cached(function.job(off).range(0, 50).run())).isZero();
      assertThat(function.calls()).isEqualTo(100);
    }
  }

  @Test
  void aKilledServiceRemembers() throws Exception {
    rememberAcrossKill();
  }

  @Test
  void aKilledServiceOnPostgresRemembers() throws Exception {
    rememberAcrossKill(SharedPostgres.settings(SharedPostgres.newDatabase()));
  }

  private void rememberAcrossKill(String... settings) throws Exception {
    var function = new Counted("return x + 1");
    var first = Service.start(Service.newDirectory(), settings);
    function.job(first).range(0, 700).run();
    first.killMinus9();
    try (var second = first.again()) {
      var job = function.job(second).range(0, 800).run();
      // Values that were being stored when the power went may be computed again, but no item is
      // lost.
      assertThat(job).hasSucceeded(800);
      assertThat(cached(job) + function.calls()).isEqualTo(700 + 800);
      assertThat(cached(function.job(second).range(0, 800).run())).isEqualTo(800);
    }
  }
}
