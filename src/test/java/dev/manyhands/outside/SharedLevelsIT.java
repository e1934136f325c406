package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Objects that the items of a job share, at each level of the sandbox and as each user. */
@ParameterizedClass
@EnumSource
class SharedLevelsIT extends OnALevel {
  static final Map<String, Object> ALL_KINDS =
      Map.of(
          "total", Map.of("value", 0),
          "half", Map.of("value", 0.5),
          "found", Map.of("value", false),
          "gate", Map.of("lock", Map.of()),
          "seen", Map.of("dict", Map.of("first", 1)),
          "log", Map.of("list", List.of()),
          "todo", Map.of("queue", Map.of()),
          "doors", Map.of("semaphore", 1));

  private JsonNode shared(String jobPath, String name) {
    return service.get(jobPath + "/shared/" + name).json();
  }

  @Test
  void itemsOfAllWorkersShareObjectsOfEachKind() {
    String code =
        """
        import manyhands
        def f(n):
            shared = manyhands.shared
            with shared("gate"):
                shared("total").value += 1
            shared("half").add(0.5)
            shared("found").value = True
            shared("seen").add("count", 1)
            shared("seen")[n] = n * n
            shared("log").append(n)
            shared("todo").put(n)
            with shared("doors"):
                return shared("todo").get()
        """;
    var job =
        service
            .job()
            .python(code)
            .range(200)
            .workers(2)
            .threads(2)
            .option("shared", ALL_KINDS)
            .run();

    assertThat(job).hasState(SUCCEEDED);
    assertThat(job.results().stream().mapToInt(JsonNode::intValue).sorted().boxed().toList())
        .isEqualTo(IntStream.range(0, 200).boxed().toList());
    assertThat(shared(job.path(), "total").get("value").intValue()).isEqualTo(200);
    assertThat(shared(job.path(), "half").get("value").doubleValue()).isEqualTo(100.5);
    assertThat(shared(job.path(), "found").get("value").booleanValue()).isTrue();
    assertThat(shared(job.path(), "seen").get("length").intValue()).isEqualTo(202);
    assertThat(shared(job.path(), "log").get("length").intValue()).isEqualTo(200);
    assertThat(shared(job.path(), "todo").get("length").intValue()).isZero();
    assertThat(shared(job.path(), "doors").get("length").intValue()).isEqualTo(1);
  }

  @Test
  void aWorkerThatDiesLosesItsLockAndItsPermits() {
    String code =
        """
        import manyhands, os, signal, time
        def f(n):
            gate, doors = manyhands.shared("gate"), manyhands.shared("doors")
            if n == 0:
                gate.acquire()
                doors.acquire()
                manyhands.shared("found").value = True
                os.kill(os.getpid(), signal.SIGKILL)
            while not manyhands.shared("found").value:
                time.sleep(0.001)
            with doors, gate:
                return gate.abandoned
        """;
    var job =
        service
            .job()
            .python(code)
            .inputs(0, 1)
            .chunk(1)
            .workers(2)
            .retryCrash(1)
            .maxFailures(1)
            .option("shared", ALL_KINDS)
            .run();

    assertThat(job).hasErrorAt(0, "SIGKILL");
    assertThat(job.results().get(1).booleanValue()).isTrue();
    assertThat(
            shared(job.path(), "gate").path("holder").isMissingNode()
                || shared(job.path(), "gate").get("holder").isNull())
        .isTrue();
  }

  /** An item that waits for nothing is stopped in a moment, and is charged nothing. */
  @Test
  void waitsEndWithTheJob() {
    String code =
        """
        import manyhands
        def f(n):
            name, wait = [("todo", "get"), ("gate", "acquire")][n]
            manyhands.shared("seen")[n] = "waits"
            if name == "gate":
                manyhands.shared(name).acquire()
            getattr(manyhands.shared(name), wait)()
        """;
    String id =
        service
            .job()
            .python(code)
            .inputs(0, 1)
            .chunk(1)
            .workers(2)
            .option("shared", ALL_KINDS)
            .post()
            .json()
            .get("id")
            .stringValue();
    String path = "/api/v1/jobs/" + id;
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> shared(path, "seen").path("length").intValue() == 3);
    Awaitility.await().until(() -> shared(path, "todo").path("waiting").intValue() == 1);
    assertThat(service.post(path + "/cancel", "").status()).isIn(200, 202);
    JsonNode end = service.await(id);
    assertThat(end.get("state").stringValue()).isEqualTo("CANCELLED");
    assertThat(end.at("/items/failed").intValue()).isZero();
  }

  /** A job of another set gets another worker, whose page and calls are those of its set. */
  @Test
  void aWarmWorkerServesTheJobsOfOneSetAlone() {
    String set = "{\"shared\": " + JobBuilder.json(ALL_KINDS) + "}";
    for (String name : List.of("one", "other")) {
      assertThat(service.put("/api/v1/shared/" + name, set).status()).isEqualTo(201);
    }
    String code =
        """
        import manyhands, os
        def f(n):
            with manyhands.shared("gate"):
                manyhands.shared("total").value += n
            pages = [line.split()[-1] for line in open("/proc/self/maps") if line.rstrip().endswith(".page")]
            seen = manyhands.shared("seen")
            return [seen.add("runs"), manyhands.shared("total").value, pages]
        """;
    var results = new ArrayList<JsonNode>();
    for (String name : List.of("one", "one", "other")) {
      var job = service.job().python(code).inputs(5).workers(1).option("sharedSet", name).run();
      assertThat(job).hasState(SUCCEEDED);
      results.add(job.results().getFirst());
    }
    assertThat(results.get(0).get(2)).hasSize(1);
    assertThat(results.get(1).get(2)).isEqualTo(results.get(0).get(2)); // the worker, too
    assertThat(results.get(2).get(2)).hasSize(1).isNotEqualTo(results.get(0).get(2));
    var counts = results.stream().map(one -> one.get(0) + " " + one.get(1)).toList();
    assertThat(counts).containsExactly("1 5", "2 10", "1 5");
    for (String name : List.of("one", "other")) {
      assertThat(service.delete("/api/v1/shared/" + name).status()).isEqualTo(204);
    }
  }

  /** A function that ruins its page, and one that reaches for the page of another job. */
  @Test
  void aPageIsReachedByItsJobAlone() {
    String keep =
        """
        import manyhands
        def f(n):
            manyhands.shared("seen")["page"] = open("/proc/self/maps").read()
            manyhands.shared("total").value = 41
            manyhands.shared("todo").get()
            return manyhands.shared("total").value
        """;
    String kept =
        service
            .job()
            .python(keep)
            .inputs(0)
            .workers(1)
            .option("shared", ALL_KINDS)
            .post()
            .json()
            .get("id")
            .stringValue();
    String path = "/api/v1/jobs/" + kept;
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> shared(path, "todo").path("waiting").intValue() == 1);
    JsonNode maps = service.get(path + "/shared/seen?key=%22page%22").json();
    String page =
        maps.toString().lines().findFirst().orElseThrow().replaceAll(".*?(/[^ ]*\\.page).*", "$1");
    assertThat(page).startsWith("/").endsWith(kept + ".page");

    String attack =
        """
        import manyhands, os
        def f(path):
            reached = []
            for way in ("r", "r+b"):
                try:
                    open(path, way).close()
                    reached.append(way)
                except OSError:
                    pass
            own = [line.split()[-1] for line in open("/proc/self/maps") if line.rstrip().endswith(".page")]
            for file in own:
                os.truncate(file, 0)
            return reached
        """;
    var attacker =
        service
            .job()
            .python(attack)
            .inputs(page)
            .workers(1)
            .maxFailures(1)
            .retryCrash(1)
            .option("shared", Map.of("mine", Map.of("value", 0)))
            .run();
    boolean isHidden = level != Level.NONE && level != Level.NONE_AS_NOBODY;
    if (isHidden) {
      assertThat(attacker.results().getFirst().toString()).isIn("[]", "null");
    }
    String put = "{\"do\": \"put\", \"args\": [1]}";
    assertThat(service.post(path + "/shared/todo", put).status()).isEqualTo(200);
    assertThat(service.await(kept).get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(service.results(kept)).hasToString("[41]");
    assertThat(service.job().python("def f(x): return x").inputs(1).run()).hasState(SUCCEEDED);
  }
}
