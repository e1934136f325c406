package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.manyhands.outside.Service.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The database goes away under load and comes back; the disk is full and later is not. Accepted
 * jobs end right, without a restart. Requests that cannot be accepted are refused soon.
 */
class StoreFaultsIT {
  private static final String JOBS = "/api/v1/jobs/";
  private static final String READINESS = "/actuator/health/readiness";
  private static final String LIVENESS = "/actuator/health/liveness";
  private static final String SLOW =
      "import time\ndef f(x):\n    time.sleep(0.02)\n    return 2 * x";
  private static final String LONG_SLOW =
      "import time\ndef f(x):\n    time.sleep(0.02)\n    return str(x) * 2000";

  private static final String SLOW_LENGTH =
      "import time\ndef f(x):\n    time.sleep(0.05)\n    return len(x)";
  private static final String WITHOUT_INPUTS =
      "{\"function\": {\"runtime\": \"python\", \"code\": \"def f(x): return x\"}}";

  /** How long a refusal may take. */
  private static final Duration SOON = Duration.ofSeconds(15);

  /** How long the recovery may take. */
  private static final Duration IN_TIME = Duration.ofSeconds(60);

  @TempDir private Path directory;

  @BeforeAll
  static void requirements() {
    Requirements.python();
  }

  // ---- PostgreSQL stops and starts

  @Test
  void postgresMayStopAndStartUnderLoad() throws Exception {
    Path data = Files.createDirectory(directory.resolve("postgres"));
    try (var postgres = new RestartedPostgres(data);
        var service =
            Service.start(
                Files.createDirectory(directory.resolve("service")),
                OwnStore.settings(postgres.port(), "postgres", "--manyhands.workers.slots=2"))) {
      String slow = service.submit(python(SLOW, range(600)));
      // Many segments, so that inputs are wanted from the store while it is away; an item that
      // waits for its input must not be charged with that.
      String listed = service.submit(python(SLOW_LENGTH, texts(80), "\"timeouts\": {\"item\": 1}"));
      String after = service.submit(python("def f(x): return x + 1", results(slow)));
      String open = service.submit(python("def f(x): return -x", "{\"open\": true}"));
      append(service, open, "1\n2\n");
      var followed = read(service, JOBS + slow + "/results?follow=true", "application/x-ndjson");
      var watched = read(service, JOBS + slow + "/events", "text/event-stream");
      await(() -> service.get(JOBS + slow).json().get("items").get("done").longValue() > 20);

      await(() -> service.get(JOBS + listed).json().get("items").get("done").longValue() > 5);

      postgres.stop();
      refusesAll(service, slow, open);
      assertThat(followed.get(60, TimeUnit.SECONDS))
          .as("a stream that cannot go on ends without its end")
          .doesNotContain("\"end\"");

      long start = System.nanoTime();
      postgres.start();
      long up = System.nanoTime();
      await(() -> service.get(READINESS).status() == 200);
      say("PostgreSQL stopped and started: started in %.1f s, ready %.1f s after", start, up);

      append(service, open, "3\n");
      assertThat(service.post(JOBS + open + "/close", "").status()).isEqualTo(202);
      assertThat(longs(service, slow)).isEqualTo(range(0, 600, 2));
      assertThat(longs(service, listed)).hasSize(80).allMatch(length -> length == 100_000);
      assertThat(longs(service, after))
          .isEqualTo(IntStream.range(0, 600).mapToObj(i -> 2L * i + 1).toList());
      assertThat(longs(service, open)).containsExactly(-1L, -2L, -3L);
      assertThat(watched.get(60, TimeUnit.SECONDS)).contains("event: end");
      assertThat(service.run(python(SLOW, "[1]")).get("state").stringValue())
          .isEqualTo("SUCCEEDED");
      assertThat(service.log()).contains("waits for inputs");
      assertThat(service.log().lines().filter(line -> line.contains(" ERROR "))).isEmpty();
      assertThat(service.log().lines().filter(line -> line.contains(" WARN "))).hasSizeLessThan(60);
    }
  }

  @Test
  void aPageThatHasBegunIsCutWhenTheStoreGoesAway() throws Exception {
    Path data = Files.createDirectory(directory.resolve("postgres"));
    try (var postgres = new RestartedPostgres(data);
        var service =
            Service.start(
                Files.createDirectory(directory.resolve("service")),
                OwnStore.settings(postgres.port(), "postgres"))) {
      // More than all buffers on the way to a client hold.
      String large = python("def f(x): return 'z' * 10000", range(4_000));
      String id = service.run(large).get("id").stringValue();
      try (var page = Wire.get(service, JOBS + id + "/results?limit=1000000")) {
        assertThat(page.status).isEqualTo(200);
        postgres.stop();
        String text = String.join("\n", page.lines());
        assertThat(text)
            .startsWith("{\"offset\":0,\"results\":[\"zzz")
            .hasSizeLessThan(4_000 * 10_000);
        assertThat(text.substring(text.length() - 1_000)).doesNotContain("problem", "complete");
      }
      assertThat(service.log()).doesNotContain(" ERROR ", "Failure in @ExceptionHandler");
    }
  }

  private static void refusesAll(Service service, String job, String open) {
    for (int i = 0; i < 3; i++) {
      refuses(() -> service.post("/api/v1/jobs", python(SLOW, "[1]")));
    }
    refuses(() -> lines(service, "/api/v1/jobs", WITHOUT_INPUTS + "\n1\n"));
    refuses(() -> lines(service, JOBS + open + "/inputs", "3\n"));
    refuses(() -> service.post(JOBS + open + "/close", ""));
    refuses(() -> service.get(JOBS + job));
    refuses(() -> service.get(JOBS + job + "/results"));
    refuses(() -> service.get("/api/v1/jobs"));
    refuses(() -> service.delete(JOBS + job));
    refuses(() -> service.post(JOBS + job + "/cancel", ""));
    refuses(() ->
        service.put(
            "/api/v1/functions/twice",
            "{\"runtime\": \"python\", \"code\": \"def f(x): return 2 * x\"}"));
    assertThat(service.get(READINESS).status()).isEqualTo(503);
    assertThat(service.get(LIVENESS).status()).isEqualTo(200);
    assertThat(service.get("/api/v1/workers").status()).isEqualTo(200);
    assertThat(service.get("/actuator/prometheus").status()).isEqualTo(200);
  }

  private interface Request {
    Answer send();
  }

  private static void refuses(Request request) {
    long start = System.nanoTime();
    Answer answer = request.send();
    assertThat(answer.status()).as("%s", answer).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isNotEmpty();
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
  }

  // ---- SQLite on a full disk

  @Test
  void aFullDiskLosesNothingAndADeleteMakesRoom() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    try (var service = onSmallDisk(data, 96)) {
      Path disk = Path.of("/proc/" + service.pid() + "/root" + data);
      String large = python("def f(x): return str(x % 10) * 10000", range(1_000));
      String old = service.run(large).get("id").stringValue();
      String older = service.run(large).get("id").stringValue();
      String running = service.submit(python(LONG_SLOW, range(1_000)));
      await(() -> service.get(JOBS + running).json().get("items").get("done").longValue() > 20);
      Path filler = disk.resolve("filler");
      fill(filler);

      var accepted = submitUntilRefused(service);
      await(() -> service.get(READINESS).status() == 503);
      assertThat(service.get(LIVENESS).status()).isEqualTo(200);
      assertThat(service.get(JOBS + running).status()).as("reads go on").isEqualTo(200);

      long start = System.nanoTime();
      assertThat(service.delete(JOBS + old).status()).isEqualTo(204);
      long deleted = System.nanoTime();
      await(() -> service.get(READINESS).status() == 200);
      say("full disk: DELETE took %.1f s, ready %.1f s after", start, deleted);
      assertThat(service.get(JOBS + old).status()).isEqualTo(404);
      accepted.add(submitSoon(service, python("def f(x): return len(x)", "[\"abc\"]")));

      // The room of the deleted job is used up too, and the reserve is gone.
      accepted.addAll(submitUntilRefused(service));
      assertThat(service.delete(JOBS + older).status()).isEqualTo(204);
      await(() -> service.get(READINESS).status() == 200);
      accepted.add(submitSoon(service, python("def f(x): return len(x)", "[\"abc\"]")));

      // In the end it is the disk itself that gets more room.
      accepted.addAll(submitUntilRefused(service));
      Files.delete(filler);
      start = System.nanoTime();
      await(() -> service.get(READINESS).status() == 200);
      long ready = System.nanoTime();
      await(() -> service.post("/api/v1/jobs", python(SLOW, "[1]")).status() == 202);
      say("full disk: freed, ready after %.1f s, taking jobs %.1f s after", start, ready);

      assertThat(service.await(running).get("state").stringValue()).isEqualTo("SUCCEEDED");
      List<JsonNode> results = service.results(running);
      assertThat(results).hasSize(1_000);
      for (int i = 0; i < 1_000; i++) {
        assertThat(results.get(i).stringValue()).isEqualTo(Integer.toString(i).repeat(2_000));
      }
      for (String id : accepted) {
        JsonNode job = service.await(id);
        assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
      }
      await(() -> Files.exists(disk.resolve("manyhands.reserve")));
      assertThat(service.log()).contains("gave up the reserve");
      assertThat(service.log().lines().filter(line -> line.contains(" ERROR "))).isEmpty();
      assertThat(service.log().lines().filter(line -> line.contains(" WARN "))).hasSizeLessThan(60);
    }
  }

  /**
   * Submits until accepted: a DELETE frees room bit by bit, so a full disk may take one write only.
   */
  private static String submitSoon(Service service, String job) throws Exception {
    Answer[] answer = new Answer[1];
    await(() -> (answer[0] = service.post("/api/v1/jobs", job)).status() == 202);
    return answer[0].json().get("id").stringValue();
  }

  /** Jobs that are large and need workers of another kind than those that run; those accepted. */
  private static List<String> submitUntilRefused(Service service) {
    var accepted = new ArrayList<String>();
    for (int i = 0; i < 3_000; i++) {
      Answer answer = service.post("/api/v1/jobs", python("def f(x): return len(x)", texts(1)));
      if (answer.status() != 202) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isNotEmpty();
        return accepted;
      }
      accepted.add(answer.json().get("id").stringValue());
    }
    throw new AssertionError("the disk does not get full");
  }

  /**
   * Starts a service with its data on a disk of {@code megabytes} megabytes, which is there for it
   * alone.
   */
  private static Service onSmallDisk(Path data, int megabytes) throws Exception {
    List<String> mount =
        List.of(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            "mount -t tmpfs -o size=%dm tmpfs '%s' && exec \"$@\"".formatted(megabytes, data),
            "sh");
    var trial = new ArrayList<>(mount);
    trial.add("true");
    if (!succeeds(trial)) {
      abort("a full disk was not tried: this user cannot mount one (unshare --mount, tmpfs)");
    }
    return Service.startBy(
        mount, data.getParent(), "--manyhands.data-dir=" + data, "--manyhands.workers.slots=2");
  }

  private static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().transferTo(OutputStream.nullOutputStream());
      return process.waitFor() == 0;
    } catch (IOException noSuchProgram) {
      return false;
    }
  }

  private static void fill(Path file) throws IOException {
    byte[] some = new byte[64 << 10];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 1 << 20; i++) {
        out.write(some);
      }
      throw new AssertionError("the disk does not get full");
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  // ---- both

  /** Asks until it is so; each look is a request. */
  private static void await(BooleanSupplier isSo) {
    long end = System.nanoTime() + IN_TIME.toNanos();
    while (!isSo.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it takes too long").isLessThan(end);
    }
  }

  private static void say(String text, long start, long then) {
    System.out.printf(
        "StoreFaultsIT: " + text + "%n", (then - start) / 1e9, (System.nanoTime() - then) / 1e9);
  }

  /** All of a stream, once it has ended. */
  private static CompletableFuture<String> read(Service service, String path, String type) {
    return HttpClient.newHttpClient()
        .sendAsync(
            HttpRequest.newBuilder(service.uri(path)).header("Accept", type).build(),
            BodyHandlers.ofString())
        .thenApply(response -> response.body());
  }

  private static Answer lines(Service service, String path, String lines) {
    return service.send(
        service
            .request(path)
            .header("Content-Type", "application/x-ndjson")
            .POST(HttpRequest.BodyPublishers.ofString(lines)));
  }

  private static void append(Service service, String id, String lines) {
    assertThat(lines(service, JOBS + id + "/inputs", lines).status()).isEqualTo(202);
  }

  private static List<Long> longs(Service service, String id) {
    JsonNode job = service.await(id);
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    return service.results(id).stream().map(JsonNode::longValue).toList();
  }

  private static List<Long> range(int first, int end, int factor) {
    return IntStream.range(first, end).mapToObj(i -> (long) factor * i).toList();
  }

  private static String range(int stop) {
    return "{\"range\": {\"start\": 0, \"stop\": %d}}".formatted(stop);
  }

  private static String results(String job) {
    return "{\"results\": \"%s\"}".formatted(job);
  }

  /** Texts of 100,000 characters each. */
  private static String texts(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"" + Integer.toString(i % 10).repeat(100_000) + "\"")
        .collect(Collectors.joining(",", "[", "]"));
  }
}
