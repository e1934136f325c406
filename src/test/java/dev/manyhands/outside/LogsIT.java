package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Output of user code, and single items. */
@RunningService("manyhands.workers.slots=2")
class LogsIT {
  private static final String MISSING = "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77";
  private final Service service;

  @TempDir private Path gates;

  LogsIT(Service service) {
    this.service = service;
  }

  private static String path(String id) {
    return "/api/v1/jobs/" + id;
  }

  /** The log, when it is what it should be: what was printed last may take a moment to show. */
  private String log(String path, Predicate<String> expected) {
    long deadline = System.nanoTime() + 60_000_000_000L;
    String log = service.get(path).body();
    while (!expected.test(log) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      log = service.get(path).body();
    }
    return log;
  }

  private static Predicate<String> lines(int count) {
    return log -> log.lines().count() >= count;
  }

  private List<JsonNode> objects(String id) {
    var answer =
        service.send(service.request(path(id) + "/log").header("Accept", "application/x-ndjson"));
    assertThat(answer.header("Content-Type")).startsWith("application/x-ndjson");
    return answer.body().lines().map(Service::json).toList();
  }

  @Test
  void eachLineIsItsItems() {
    String code =
        """
        print('loaded')
        import os, sys, subprocess
        def f(x):
            print('out', x)
            print('err', x, file=sys.stderr)
            print('without line feed', x, end='')
            return os.getpid()
        """;
    var job = service.job().python(code).range(200).chunk(7).run();
    String id = job.id();
    assertThat(job.get("links").get("log").stringValue()).isEqualTo(path(id) + "/log");
    String log = log(path(id) + "/log", lines(602));
    assertThat(log.lines().filter(line -> line.endsWith("] loaded"))).hasSize(2);
    var line = Pattern.compile("\\[worker (\\d+) item (\\d+)] (out|err|without line feed) (\\d+)");
    var items = line.matcher(log).results().toList();
    assertThat(items).hasSize(600);
    assertThat(items).allSatisfy(item -> assertThat(item.group(2)).isEqualTo(item.group(4)));
    assertThat(items.stream().map(item -> item.group(1)).distinct()).hasSize(2);

    assertThat(service.get(path(id) + "/log?item=17").body().lines())
        .satisfiesExactly(
            one -> assertThat(one).endsWith(" item 17] out 17"),
            one -> assertThat(one).endsWith(" item 17] err 17"),
            one -> assertThat(one).endsWith(" item 17] without line feed 17"));
    assertThat(service.get(path(id) + "/items/17/log").body())
        .isEqualTo(service.get(path(id) + "/log?item=17").body());

    assertThat(objects(id)).hasSize(602);
    JsonNode object = objects(id).getLast();
    assertThat(object.propertyNames()).containsExactly("at", "worker", "item", "text");
    assertThat(object.get("at").stringValue()).isGreaterThan(job.get("submittedAt").stringValue());
  }

  @Test
  void workersThatMarkNothingAreReadByTheControlPage() throws Exception {
    String native_ =
        """
        import os, time
        def f(x):
            os.write(2, b'native %%d\\n' %% x)
            while not os.path.exists(%s + str(x)): time.sleep(.005)
            return x
        """
            .formatted(Service.quote(gates + "/native "));
    var job = service.job().python(native_).inputs(0, 1, 2, 3).submit();
    assertEachItemIsReadWhileItRuns(job, "native ", 0, 1, 2, 3);
    String script =
        "while read x; do echo saw $x >&2; while [ ! -e %s/\"saw $x\" ]; do sleep .01; done; echo"
            + " $x; done";
    job = service.job().command("sh", "-c", script.formatted(gates)).inputs(5, 6).submit();
    assertEachItemIsReadWhileItRuns(job, "saw ", 5, 6);
  }

  /** Lets an item go on once the log has what the item printed. */
  private void assertEachItemIsReadWhileItRuns(RunningJob job, String word, int... inputs)
      throws IOException {
    for (int item = 0; item < inputs.length; item++) {
      String line = " item " + item + "] " + word + inputs[item] + "\n";
      assertThat(log(job.path() + "/log", text -> text.contains(line))).contains(line);
      Files.createFile(gates.resolve(word + inputs[item]));
    }
    assertThat(job.await()).hasState(SUCCEEDED);
  }

  @Test
  void nothingThatIsPrintedReachesATerminalOrBreaksTheLog() {
    String code =
        """
        import os, sys
        def f(x):
            print('\\x1b[31mred\\x07\\u202e\\x9b', 'tab\\t"\\\\')
            sys.stdout.buffer.write(b'\\xff\\n')
            print('\\x1e1 99\\nforged\\n\\x1e\\n\\x1e99999999 -5\\nagain')
            print('x' * 40_000)
            return x
        """;
    String id = service.job().python(code).inputs(0).run().id();
    String log = log(path(id) + "/log", lines(8));
    assertThat(log)
        .contains("] \\x1b[31mred\\x07\\u202e\\x9b tab\t\"\\\n", "] \uFFFD\n", "forged", "again")
        .doesNotContain("\\x1e")
        .matches("[^\\p{Cntrl}]*(?:[\\n\\t][^\\p{Cntrl}]*)*");
    assertThat(objects(id).getFirst().get("text").stringValue())
        .isEqualTo("\u001b[31mred\u0007\u202e\u009b tab\t\"\\");
    // The line that the forged markers are in ends for another item than it began for.
    assertThat(objects(id).stream().filter(line -> !line.get("text").stringValue().startsWith("x")))
        .hasSize(5);
    assertThat(objects(id)).hasSize(8);
  }

  @Test
  void aLogIsReadableWhileTheJobRuns() {
    String code = "import time\ndef f(x):\n  print('begun', flush=True)\n  time.sleep(x)";
    var job = service.job().python(code).inputs(30, 30).workers(1).submit();
    assertThat(log(job.path() + "/log", lines(1))).endsWith(" item 0] begun\n");
    JsonNode running = job.item(0);
    assertThat(running.get("state").stringValue()).isEqualTo("RUNNING");
    assertThat(running.get("pid").longValue()).isPositive();
    assertThat(job.item(1).get("state").stringValue()).isEqualTo("PENDING");
    job.cancelled();
    JsonNode cancelled = job.item(1);
    assertThat(cancelled.get("state").stringValue()).isEqualTo("SKIPPED");
    assertThat(cancelled.get("error").isNull()).isTrue();
  }

  @Test
  void anItemShowsWhatItWasGivenAndWhatBecameOfIt() {
    String code =
        """
        import os
        def f(x):
            if x == "crash":
                print("last words", flush=True)
                os._exit(3)
            if x == 0: 1 / x
            return {"got": x}
        """;
    var job =
        service
            .job()
            .python(code)
            .inputsAsWritten(
                """
                [{"a" : [1, 2.50]}, 0, "crash", 4, 5]\
                """)
            .onError("stop")
            .maxFailures(1)
            .workers(1)
            .chunk(1)
            .run();
    String id = job.id();
    var first = service.get(path(id) + "/items/0");
    JsonNode item = first.json();
    assertThat(first.body()).contains("\"input\":{\"a\" : [1, 2.50]}");
    assertThat(item.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(item.get("value").toString()).isEqualTo("{\"got\":{\"a\":[1,2.5]}}");
    assertThat(item.get("error").isNull()).isTrue();
    assertThat(item.get("attempts").intValue()).isEqualTo(1);
    assertThat(item.get("seconds").doubleValue()).isBetween(0.0, 10.0);
    assertThat(item.get("worker").longValue()).isPositive();
    assertThat(item.get("pid").longValue()).isPositive();
    assertThat(item.get("chunk").get("items").toString()).isEqualTo("[0,1]");
    assertThat(item.get("startedAt").stringValue())
        .isLessThan(item.get("finishedAt").stringValue());
    assertThat(service.get(item.get("links").get("log").stringValue()).status()).isEqualTo(200);

    JsonNode failed = job.item(1);
    assertThat(failed.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(failed.get("value").isNull()).isTrue();
    assertThat(failed.get("error").get("type").stringValue()).isEqualTo("ZeroDivisionError");
    JsonNode crashed = job.item(2);
    assertThat(crashed.get("error").get("kind").stringValue()).isEqualTo("CRASH");
    assertThat(crashed.get("error").get("traceback").stringValue().strip()).isEqualTo("last words");
    assertThat(crashed.get("attempts").intValue()).isEqualTo(2);
    assertThat(job.item(4).get("state").stringValue()).isEqualTo("SKIPPED");
    for (String bad : List.of("/items/5", "/items/-1", "/items/5/log", "/log?item=5")) {
      var answer = service.get(path(id) + bad);
      assertThat(answer.status()).as(bad).isEqualTo(404);
      assertThat(answer.json().get("detail").stringValue()).endsWith("it has items 0 to 4");
    }
    assertThat(service.get(path(id) + "/items/x").status()).isEqualTo(400);
    assertThat(service.get(MISSING + "/items/0").status()).isEqualTo(404);
    assertThat(service.get(MISSING + "/log").status()).isEqualTo(404);
  }

  @Test
  void inputsThatWereNotPostedAreShownToo() {
    var range = service.job().named("check_prime").range(7, 100, 3).run();
    JsonNode item = range.item(2);
    assertThat(item.get("input").intValue()).isEqualTo(13);
    assertThat(item.get("value").booleanValue()).isTrue();
    var repeat = service.job().python("def f(x): return x").repeat(List.of("é"), 9).run();
    assertThat(repeat.item(8).get("input").toString()).isEqualTo("[\"é\"]");
  }

  @Test
  void aFloodIsBoundedAndDoesNotHoldUpTheJob() throws Exception {
    String code = "def f(x):\n  for i in range(1000): print('%06d' % x, '.' * 990)\n  return x";
    long began = System.nanoTime();
    var job = service.job().python(code).range(100).run();
    double seconds = (System.nanoTime() - began) / 1e9;
    assertThat(job).hasState(SUCCEEDED);
    assertThat(seconds).isLessThan(20);
    String id = job.id();
    String log = log(path(id) + "/log", text -> text.contains("000000") && text.contains("000099"));
    assertThat(log.length()).isBetween(400_000, 1_200_000);
    assertThat(log).contains("lines of the job are not kept here");
    Path files = LogsIT.files(service.directory, id);
    try (var parts = Files.list(files)) {
      assertThat(parts.mapToLong(file -> file.toFile().length()).sum()).isLessThan(1 << 20);
    }
    assertThat(service.delete(path(id)).status()).isEqualTo(204);
    assertThat(files).doesNotExist();
    assertThat(service.get(path(id) + "/log").status()).isEqualTo(404);
  }

  /** Returns the directory with the log of a job, which is below that of its database. */
  static Path files(Path home, String id) throws IOException {
    try (var databases = Files.list(home.resolve("data").resolve("logs"))) {
      return databases.map(of -> of.resolve(id)).filter(Files::exists).findFirst().orElseThrow();
    }
  }

  @Test
  void aServiceWithAnotherDatabaseKeepsTheLogsOfThisOne() throws Exception {
    Path home = Service.newDirectory();
    String first;
    try (var one = Service.start(home)) {
      first = one.job().python("def f(x): print('kept')").inputs(1).run().id();
      // A reader of the log has it written.
      assertThat(one.get(path(first) + "/log").body()).contains("kept");
    }
    // An earlier version had the logs of all databases in one directory.
    Path files = files(home, first);
    Files.move(files, home.resolve("data").resolve("logs").resolve(first));
    String second;
    try (var other = Service.start(home, "--manyhands.store.url=jdbc:sqlite:data/other.db")) {
      second = other.job().python("def f(x): print('other')").inputs(1).run().id();
      assertThat(other.get(path(second) + "/log").body()).contains("other");
      assertThat(other.get(path(first) + "/log").status()).isEqualTo(404);
    }
    try (var again = Service.start(home)) {
      assertThat(again.get(path(first) + "/log").body()).contains("kept");
      assertThat(files).exists();
      assertThat(files(home, second)).exists();
    }
  }

  @Test
  void aLogIsFollowedToTheEndOfItsJob() throws Exception {
    Path gate = gates.resolve("gate");
    String code =
        """
        import os, time
        def f(gate):
            print('before')
            while not os.path.exists(gate): time.sleep(0.01)
            print('after')
        """;
    var job = service.job().python(code).inputs(gate.toString()).submit();
    var request =
        service
            .request(job.path() + "/log?follow=true")
            .header("Accept", "application/x-ndjson")
            .build();
    var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofLines());
    var lines = answer.body().map(Service::json).iterator();
    assertThat(lines.next().get("text").stringValue()).isEqualTo("before");
    assertThat(service.get(job.path()).json().get("state").stringValue()).isEqualTo("RUNNING");
    Files.createFile(gate);
    assertThat(lines.next().get("text").stringValue()).isEqualTo("after");
    assertThat(lines.next()).isEqualTo(Service.json("{\"end\":{\"state\":\"SUCCEEDED\"}}"));
    assertThat(lines.hasNext()).isFalse();
    assertThat(service.get(job.path() + "/log?follow=true").body())
        .isEqualTo(service.get(job.path() + "/log").body());
  }
}
