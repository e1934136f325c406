package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static dev.manyhands.outside.Service.quote;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Service.Answer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Each limit of {@code GET /limits}: what is at the limit is accepted by the front door and by
 * every later reader, and one more is refused clearly. The limits are small, so that all are
 * reached soon.
 */
class ShownLimitsIT extends OnEachStore {
  private static final String JOBS = "/api/v1/jobs";
  private static final String IDENTITY = "def f(x): return x";

  /** Jobs that every reader reads, before and after a restart. */
  private final List<String> kept = new ArrayList<>();

  @Override
  String[] settings() {
    return new String[] {
      "--manyhands.workers.slots=2",
      "--manyhands.workers.memory=200MB",
      "--manyhands.workers.memory-budget=400MB",
      "--manyhands.workers.file-size=1MB",
      "--manyhands.limits.body=1MB",
      "--manyhands.limits.spec=100KB",
      "--manyhands.limits.items=1000",
      "--manyhands.limits.item=64KB",
      "--manyhands.limits.result=128KB",
      "--manyhands.limits.job-log=64KB",
      "--manyhands.limits.streams=6",
      "--manyhands.limits.unfinished-jobs=5",
      "--manyhands.limits.bundle=100KB",
      "--manyhands.limits.bundle-entries=20",
      "--manyhands.limits.bundle-unpacked=200KB"
    };
  }

  @Test
  void whatIsAtALimitIsReadEverywhereAndOneMoreIsRefused() throws Exception {
    kept.clear(); // of the other store
    for (var limit : service.get("/api/v1/limits").json().properties()) {
      walk(limit.getKey(), limit.getValue());
    }
    var before = allRead();
    service.terminate();
    service = service.again();
    assertThat(allRead()).isEqualTo(before);
    assertThat(service.log()).doesNotContain("Protocol", "OutOfMemoryError");
  }

  private void walk(String limit, JsonNode value) throws Exception {
    switch (limit) {
      case "maxBodyBytes" -> body(value.intValue());
      case "maxSpecBytes" -> spec(value.intValue());
      case "maxItems" -> items(value.intValue());
      case "maxItemBytes" -> {
        assertOneMoreIsRefused("x".repeat(value.intValue() - 1));
        readEverywhere(quote("x".repeat(value.intValue() - 2)));
      }
      case "maxJsonDepth" -> {
        assertOneMoreIsRefused(nested(value.intValue() + 1));
        readEverywhere(nested(value.intValue()));
      }
      case "maxNumberLength" -> {
        assertOneMoreIsRefused("7".repeat(value.intValue() + 1));
        readEverywhere("7".repeat(value.intValue()));
      }
      case "maxResultBytes" -> results(value.intValue());
      case "jobLogBytes" -> log(value.intValue());
      // SharedObjectsIT fills this one.
      case "maxSharedBytes" -> assertThat(value.longValue()).isPositive();
      // SharedSetsIT creates this many, and one more.
      case "maxSharedSets" -> assertThat(value.intValue()).isPositive();
      case "maxUnfinishedJobs" -> unfinished(value.intValue());
      case "maxStreams" -> streams(value.intValue());
      case "maxBundleBytes" -> bundle(value.intValue());
      case "maxBundleUnpackedBytes" -> unpacked(value.intValue());
      case "maxBundleEntries" -> entries(value.intValue());
      case "workerFileBytes" -> files(value.intValue());
      case "memoryBudgetBytes" -> memory(value.longValue());
      case "maxResultsPerPage" -> page(value.intValue());
      case "maxWaitSeconds" -> waits(value.doubleValue());
      // CapacityIT walks this one, which needs much memory.
      case "maxUnfinishedBytes" -> assertThat(value.longValue()).isPositive();
      // Functions reach these, and requests do not: LimitsIT, QuotasIT.
      case "workerMemoryBytes",
          "workerOpenFiles",
          "workerProcesses",
          "workerCpuSeconds",
          "workerScratchBytes" ->
          assertThat(value.isNumber()).isTrue();
      // No limits of values.
      case "slots", "sandbox", "dataDirectory", "systemCalls", "retentionSeconds" ->
          assertThat(value.isContainer()).isFalse();
      default -> throw new AssertionError("nothing walks the limit '" + limit + "'");
    }
  }

  // ---- requests

  private void body(int most) {
    String job = "{\"function\": \"gcd\", \"inputs\": [[4, 6]]}";
    keep(service.post(JOBS, job + " ".repeat(most - job.length())));
    assertRefused(service.post(JOBS, job + " ".repeat(most + 1 - job.length())), 413);
  }

  private void spec(int most) {
    String start = "{\"runtime\": \"python\", \"code\": \"def f(x): return x #";
    String definition = start + "x".repeat(most - start.length() - 2) + "\"}";
    String path = "/api/v1/functions/long";
    assertThat(service.put(path, definition).status()).isEqualTo(201);
    assertRefused(service.put("/api/v1/functions/longer", definition + " "), 413);
    keep(service.post(JOBS, "{\"function\": \"long\", \"inputs\": [1]}"));
    String function = service.get(path).json().get("definition").toString();
    assertThat(function.length()).isGreaterThan(most - 100);
    // As a part of a job it has less room.
    keep(service.post(JOBS, "{\"inputs\": [1], \"function\": " + smaller(function, 100) + "}"));
    assertRefused(
        service.post(JOBS, "{\"inputs\": [1], \"function\": " + definition + ", \"name\": \"a\"}"),
        413);
  }

  private static String smaller(String function, int less) {
    return function.replace("x".repeat(less) + "\"", "\"");
  }

  private void items(int most) {
    String list = "1" + ",1".repeat(most - 1);
    keep(service.post(JOBS, "{\"function\": \"check_prime\", \"inputs\": [" + list + "]}"));
    assertRefused(service.post(JOBS, python(IDENTITY, "[" + list + ",1]")), 413);
    keep(service.post(JOBS, python(IDENTITY, "{\"range\": {\"stop\": " + most + "}}")));
    assertRefused(
        service.post(JOBS, python(IDENTITY, "{\"range\": {\"stop\": " + (most + 1) + "}}")), 413);
    String open = service.submit(python(IDENTITY, "{\"open\": true}"));
    String at = JOBS + "/" + open;
    assertThat(append(at, "1\n".repeat(most)).status()).isBetween(200, 202);
    assertRefused(append(at, "1\n"), 413);
    assertThat(service.post(at + "/close", "").status()).isBetween(200, 202);
    keep(open);
  }

  private Answer append(String job, String lines) {
    return service.send(
        service
            .request(job + "/inputs")
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofString(lines)));
  }

  private void unfinished(int most) {
    var paused = new ArrayList<String>();
    for (int i = 0; i < most; i++) {
      paused.add(service.submit(python(IDENTITY, "[1]", "\"paused\": true")));
    }
    CapacityIT.assertUnavailable(service.post(JOBS, python(IDENTITY, "[1]")));
    for (String id : paused) {
      assertThat(service.patch(JOBS + "/" + id, "{\"paused\": false}").status()).isEqualTo(200);
      keep(id);
    }
  }

  private void streams(int most) throws Exception {
    String id = service.submit(python(IDENTITY, "[1]", "\"paused\": true"));
    String path = JOBS + "/" + id + "?wait=";
    var waiting = new ArrayList<Future<Answer>>();
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Answer> waiter = () -> service.get(path + 60);
      for (int i = 0; i < most; i++) {
        waiting.add(clients.submit(waiter));
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> service.get(path + 0.01), answer -> answer.status() == 503);
      CapacityIT.assertUnavailable(service.get(path + 0.01));
      service.patch(JOBS + "/" + id, "{\"paused\": false}");
    }
    for (var answer : waiting) {
      assertThat(answer.get().status()).isEqualTo(200);
    }
  }

  private void page(int most) {
    String path = JOBS + "/" + kept.getFirst() + "/results?limit=";
    assertThat(service.get(path + most).status()).isEqualTo(200);
    assertRefused(service.get(path + (most + 1)), 400);
  }

  /** A longer wait is no fault, and counts as the longest. */
  private void waits(double most) {
    for (double seconds : new double[] {most, most + 1}) {
      var answer = service.get(JOBS + "/" + kept.getFirst() + "?wait=" + seconds);
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  private void memory(long most) {
    keep(service.post(JOBS, python(IDENTITY, "[1]", "\"memory\": " + most)));
    assertRefused(service.post(JOBS, python(IDENTITY, "[1]", "\"memory\": " + (most + 1))), 422);
  }

  // ---- bundles

  private void bundle(int most) {
    String code = IDENTITY + "\n#";
    byte[] file = (code + "x".repeat(most - code.length())).getBytes(UTF_8);
    byte[] longer = (code + "x".repeat(most + 1 - code.length())).getBytes(UTF_8);
    assertBundles("whole", "whole.py", file, longer);
  }

  private void unpacked(int most) throws IOException {
    int data = most - IDENTITY.length();
    byte[] file = BundlesIT.zip("m.py", IDENTITY, "data", "x".repeat(data));
    byte[] longer = BundlesIT.zip("m.py", IDENTITY, "data", "x".repeat(data + 1));
    assertBundles("unpacked", "unpacked.zip", file, longer);
  }

  private void entries(int most) throws IOException {
    var names = new ArrayList<>(List.of("m.py", IDENTITY));
    for (int i = 1; i < most; i++) {
      names.addAll(List.of("file" + i, ""));
    }
    byte[] file = BundlesIT.zip(names.toArray(String[]::new));
    names.addAll(List.of("last", ""));
    assertBundles("entries", "entries.zip", file, BundlesIT.zip(names.toArray(String[]::new)));
  }

  private void assertBundles(String name, String fileName, byte[] atLimit, byte[] oneMore) {
    String entry = fileName.endsWith(".zip") ? ", \"entry\": \"m:f\"" : "";
    String definition = "{\"runtime\": \"python\"" + entry + "}";
    var registered = BundlesIT.upload(service, name, definition, fileName, atLimit);
    assertThat(registered.status()).as("%s", registered).isEqualTo(201);
    assertRefused(BundlesIT.upload(service, name, definition, fileName, oneMore), 413, 422);
    keep(service.post(JOBS, "{\"function\": \"" + name + "\", \"inputs\": [1]}"));
  }

  // ---- values

  private static String nested(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  private static String cat(String inputs, String more) {
    return "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\": %s%s}"
        .formatted(inputs, more);
  }

  private void assertOneMoreIsRefused(String value) {
    String item = value.startsWith("x") ? "\"" + value + "\"" : value;
    assertRefused(service.post(JOBS, cat("[" + item + "]", "")), 400, 413, 422);
  }

  /** The value as an item and as a result: compared, reduced, remembered, tried again, copied. */
  private void readEverywhere(String value) {
    String inputs = "[" + value + "]";
    String first = succeeded(cat(inputs, ""));
    assertThat(results(first).contains(value)).isTrue();
    assertThat(results(succeeded(cat("{\"results\": \"" + first + "\"}", ""))).contains(value))
        .isTrue();

    String cached = python(IDENTITY, inputs, "\"cache\": true");
    succeeded(cached);
    var again = service.run(cached);
    assertThat(again.at("/items/cached").intValue()).isEqualTo(1);
    assertThat(results(again.get("id").stringValue()).contains(value)).isTrue();

    String compared =
        ", \"chunking\": {\"size\": 1}, \"workers\": 1, \"stopWhen\": {\"equals\": 4}";
    String stopped = succeeded(cat("[" + value + ", 4]", compared));
    assertThat(results(stopped).contains(value)).isTrue();
    // In a condition the value is one level deeper, and there the limit holds as well.
    var equal = service.post(JOBS, cat(inputs, ", \"stopWhen\": {\"equals\": " + value + "}"));
    if (value.startsWith("[")) {
      assertRefused(equal, 400);
    } else {
      String id = keep(equal);
      assertThat(service.await(id).get("stopReason").stringValue()).isEqualTo("stopWhen");
    }

    for (String reduce : List.of("min", "sum", "count", "find")) {
      String reduced = keep(service.post(JOBS, cat(inputs, ", \"reduce\": \"" + reduce + "\"")));
      assertThat(results(reduced)).doesNotContain("CRASH");
    }
    String raises = python("def f(x): raise ValueError('no')", inputs);
    String failed = keep(service.post(JOBS, raises));
    var retry = service.post(JOBS + "/" + failed + "/retry", "{\"only\": \"failed\"}");
    assertThat(results(keep(retry))).contains("ValueError").doesNotContain("CRASH");
  }

  private void results(int most) {
    String code = "def f(n): return 'x' * (n - 2)";
    String value = quote("x".repeat(most - 2));
    String first = succeeded(python(code, "[" + most + "]", "\"cache\": true"));
    assertThat(results(first).contains(value)).isTrue();
    assertThat(
            service
                .run(python(code, "[" + most + "]", "\"cache\": true"))
                .at("/items/cached")
                .intValue())
        .isEqualTo(1);
    String copy = succeeded(cat("{\"results\": \"" + first + "\"}", ""));
    assertThat(results(copy).contains(value)).isTrue();
    var found = service.run(python(code, "[" + most + "]", "\"reduce\": \"find\""));
    assertThat(found.at("/result/value").stringValue()).hasSize(most - 2);
    var more =
        service.run(python(code, "[" + most + ", " + (most + 1) + "]", "\"maxFailures\": 1"));
    String id = keep(more.get("id").stringValue());
    var errors = service.errors(id);
    assertThat(errors).hasSize(1);
    assertThat(errors.getFirst().get("index").intValue()).isEqualTo(1);
    assertThat(errors.getFirst().get("kind").stringValue()).isNotEqualTo("CRASH");
    assertThat(errors.getFirst().get("message").stringValue()).contains(String.valueOf(most));
  }

  /** More output is no fault: the log has its beginning and its end. */
  private void log(int most) {
    String code = "def f(x):\n  for i in range(%d): print('line %%06d' %% i)".formatted(most / 4);
    String id = succeeded(python(code, "[1]"));
    String log = service.get(JOBS + "/" + id + "/log").body();
    assertThat(log).contains("line 000000", "line %06d".formatted(most / 4 - 1));
  }

  private void files(int most) {
    String code = "def f(n):\n  with open('a', 'wb') as file: return file.write(bytes(n))";
    String id = keep(service.post(JOBS, python(code, "[%d, %d]".formatted(most, most + 1))));
    assertThat(service.results(id).getFirst().intValue()).isEqualTo(most);
    assertThat(service.errors(id)).hasSize(1);
    assertThat(service.errors(id).toString()).contains("File too large");
  }

  // ---- readers

  private static void assertRefused(Answer answer, Integer... statuses) {
    assertThat(answer.status()).as("%s", answer).isIn((Object[]) statuses);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("detail").stringValue()).isNotBlank();
  }

  private String succeeded(String job) {
    String id = keep(service.post(JOBS, job));
    assertThat(service.await(id).get("state").stringValue()).isEqualTo("SUCCEEDED");
    return id;
  }

  private String keep(Answer accepted) {
    assertThat(accepted.status()).as("%.1000s", accepted).isIn(201, 202);
    return keep(accepted.json().get("id").stringValue());
  }

  /** Waits until the job has ended. */
  private String keep(String id) {
    assertThat(service.await(id).get("state").stringValue()).isIn("SUCCEEDED", "FAILED");
    kept.add(id);
    return id;
  }

  private String results(String id) {
    var answer = service.get(JOBS + "/" + id + "/results");
    assertThat(answer.status()).isEqualTo(200);
    return answer.body();
  }

  /** Returns what each reader says of each job. */
  private Map<String, String> allRead() {
    var read = new LinkedHashMap<String, String>();
    for (String id : kept) {
      String at = JOBS + "/" + id;
      for (String path :
          List.of("/results", "/items/0", "/items?limit=10", "/request", "/errors")) {
        var answer = service.get(at + path);
        assertThat(answer.status()).as("%s of %.1000s", path, answer).isIn(200, 404);
        read.put(at + path, answer.body());
      }
      for (String path : List.of("", "/report", "/timeline", "/log")) {
        assertThat(service.get(at + path).status()).as(path).isIn(200, 404, 409);
      }
    }
    assertThat(service.get(JOBS + "?limit=1000").status()).isEqualTo(200);
    assertThat(service.get("/api/v1/functions").json().get("functions").toString())
        .contains("long", "whole", "unpacked", "entries");
    return read;
  }
}
