package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** Options of a job that are about its workers: what prepares them, and how long they live. */
@RunningService("manyhands.workers.slots=2")
class WorkerOptionsIT {
  private static final String PREPARED =
      """
      import os, manyhands
      prepared = []
      def setup(*args): prepared.append([manyhands.item_index(), *args])
      def f(x): return [os.getpid(), prepared]
      """;

  private final Service service;

  WorkerOptionsIT(Service service) {
    this.service = service;
  }

  private static Map<String, Object> initializer(String entry, Object... args) {
    return Map.of("entry", entry, "args", List.of(args));
  }

  private static Set<JsonNode> members(FinishedJob job, int member) {
    var members = new HashSet<JsonNode>();
    job.results().forEach(result -> members.add(result.get(member)));
    return members;
  }

  // ---- initializer

  @Test
  void anInitializerRunsOnceInEachWorkerBeforeItsFirstItem() {
    var job = service.job().python(PREPARED, "f").range(40).threads(3).chunk(2);
    var plain = job.run();
    var first = job.option("initializer", initializer("setup", 1.5, "é")).run();
    var warm = job.run();
    var other = job.option("initializer", initializer("setup")).run();

    assertThat(members(plain, 1)).containsExactly(Service.json("[]"));
    assertThat(members(first, 1)).containsExactly(Service.json("[[-1, 1.5, \"é\"]]"));
    assertThat(members(warm, 1)).isEqualTo(members(first, 1));
    assertThat(members(other, 1)).containsExactly(Service.json("[[-1]]"));
    assertThat(members(first, 0)).doesNotContainAnyElementsOf(members(plain, 0));
    assertThat(members(first, 0)).containsAnyElementsOf(members(warm, 0));
    assertThat(service.get(first.path() + "/request").json().get("initializer"))
        .isEqualTo(Service.json("{\"entry\": \"setup\", \"args\": [1.5, \"é\"]}"));
    assertThat(service.get(first.path() + "/items/1/script").body())
        .contains("INITIALIZER = \"setup\"\nINITIALIZER_ARGS = \"[1.5,\\\"é\\\"]\"");
  }

  @Test
  void aValueThatIsRememberedBelongsToItsInitializer() {
    var job = service.job().python(PREPARED, "f").inputs(1).cache();
    job.option("initializer", initializer("setup", 1)).run();
    var same = job.run();
    var other = job.option("initializer", initializer("setup", 2)).run();

    assertThat(same.json().at("/items/cached").intValue()).isEqualTo(1);
    assertThat(other.result().get(0).get(1)).isEqualTo(Service.json("[[-1, 2]]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          raise KeyError(args)      | the initializer failed: KeyError: ([1],) | in setup
          import sys; sys.exit('x') | the initializer failed: SystemExit       | in setup
          import os; os._exit(3)    | the initializer had run: the worker exited with status 3 | ``
          """)
  void anInitializerThatFailsFailsItsJob(String code, String message, String traceback) {
    var job =
        service
            .job()
            .python("def f(x): return x\ndef setup(*args): " + code, "f")
            .option("initializer", initializer("setup", List.of(1)))
            .range(3)
            .run();

    assertThat(job).hasState(FAILED);
    assertThat(job.get("stopReason").stringValue()).isEqualTo("functionNotLoaded");
    assertThat(job.get("error").get("kind").stringValue()).isEqualTo("FUNCTION_NOT_LOADED");
    assertThat(job.get("error").get("message").stringValue()).contains(message);
    assertThat(job.get("error").path("traceback").asString("")).contains(traceback);
    assertThat(job.skipped()).isEqualTo(3);
    String lines =
        service
            .send(
                service
                    .request("/api/v1/jobs/" + job.get("id").stringValue() + "/results")
                    .header("Accept", "application/x-ndjson"))
            .body();
    JsonNode end = Service.json(lines.lines().toList().getLast()).get("end");
    assertThat(end.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(end.get("error")).isEqualTo(job.get("error"));
  }

  @Test
  void anInitializerThatNothingWouldCallIsRefused() {
    var command = service.job().command("cat").inputs(1).option("initializer", initializer("f"));
    assertThat(command.post().body()).contains("/initializer", "must be absent for a command");
    assertThat(command.protocol("frames").post().status()).isEqualTo(422);
    var python = service.job().python("def f(x): return x").inputs(1);
    assertThat(python.option("initializer", initializer("a:b")).post().status()).isEqualTo(422);
    assertThat(python.optionAsWritten("initializer", "{\"args\": [1]}").post().body())
        .contains("/initializer/entry", "is required");
    assertThat(
            python.optionAsWritten("initializer", "{\"entry\": \"f\", \"args\": {}}").post().body())
        .contains("/initializer/args", "must be an array");
    assertThat(python.optionAsWritten("initializer", "null").run()).hasState(SUCCEEDED);
  }

  // ---- recycle

  @Test
  void aWorkerEndsAfterTheItemsThatItsJobAllows() {
    double before = restarts("items");
    var job =
        service
            .job()
            .python("import os\ndef f(x):\n  if x == 3: raise KeyError(x)\n  return os.getpid()")
            .option("recycle", Map.of("items", 4))
            .range(32)
            .maxFailures(1)
            .workers(1)
            .run();

    assertThat(job).hasState(SUCCEEDED);
    var items = new HashMap<JsonNode, Integer>();
    job.results().forEach(pid -> items.merge(pid, 1, Integer::sum));
    items.remove(NullNode.getInstance());
    assertThat(items).hasSize(8);
    assertThat(new TreeSet<>(items.values())).containsExactly(3, 4);
    assertThat(job.errors()).hasSize(1);
    assertThat(job.errorAt(3).get("attempts").intValue()).isEqualTo(1);
    assertThat(job.json().at("/chunkSizes/most").longValue()).isLessThanOrEqualTo(4);
    Awaitility.await().until(() -> restarts("items") >= before + 8);
  }

  private double restarts(String reason) {
    return service
        .get("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith("manyhands_worker_restarts_total{"))
        .filter(line -> line.contains("\"" + reason + "\"") && line.contains("\"python\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void aCommandIsRecycledToo() {
    var job =
        service
            .job()
            .command("sh", "-c", "while read x; do echo $$; done")
            .option("recycle", Map.of("items", 1))
            .range(3)
            .threads(1)
            .run();
    assertThat(new HashSet<>(job.results())).hasSize(3);
    assertThat(
            service
                .job()
                .named("gcd")
                .inputs(List.of(4, 6))
                .option("recycle", Map.of("items", 0))
                .post()
                .body())
        .contains("/recycle/items", "must be at least 1");
  }

  // ---- fresh

  @Test
  void aFreshJobSeesNoStateOfOthersAndLeavesNone() {
    String code =
        "import os\nseen = []\ndef f(x):\n  seen.append(x)\n  return [os.getpid(), seen[0]]";
    var shared = service.job().python(code).inputs("shared").workers(1);
    var first = shared.run();
    var fresh = service.job().python(code).inputs("own").option("fresh", true).workers(1).run();
    var again = shared.run();

    assertThat(fresh.result().get(0).get(1).stringValue()).isEqualTo("own");
    assertThat(again.result()).isEqualTo(first.result());
    JsonNode pid = fresh.result().get(0).get(0);
    Awaitility.await()
        .until(() ->
            service
                .get("/api/v1/workers")
                .json()
                .get("workers")
                .valueStream()
                .noneMatch(worker -> worker.get("pid").equals(pid)));
    assertThat(service.get(fresh.path() + "/request").json().get("fresh").booleanValue()).isTrue();
  }

  // ---- shared objects

  /** Each of two items holds the lock that the other one waits for. */
  @Test
  void itemsThatWaitForEachOtherAreNoted() {
    String code =
        """
        import manyhands
        def f(names):
            first, second = map(manyhands.shared, names)
            with first:
                manyhands.shared("met").add(1)
                while manyhands.shared("met").value < 2: pass
                with second: return 0
        """;
    String id =
        service
            .job()
            .python(code)
            .inputs(List.of("a", "b"), List.of("b", "a"))
            .workers(2)
            .chunk(1)
            .option(
                "shared",
                Map.of(
                    "a", Map.of("lock", Map.of()),
                    "b", Map.of("lock", Map.of()),
                    "met", Map.of("value", 0)))
            .post()
            .json()
            .get("id")
            .stringValue();
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() ->
            assertThat(service.get("/api/v1/jobs/" + id).json().get("notes").toString())
                .contains("wait for shared objects", "a (1)", "b (1)", "wait for each other"));
    service.cancelled(id);
  }
}
