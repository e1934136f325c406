package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two services on one PostgreSQL: one works, and the other hears who it is. */
class TwoServicesIT {
  private static final String JOBS = "/api/v1/jobs/";
  private static final String LIVENESS = "/actuator/health/liveness";
  private static final String READINESS = "/actuator/health/readiness";
  private static final String WAITING = "waiting up to 60 s for its end";
  private static final String SLOW =
      "import time\ndef f(x):\n    time.sleep(0.02)\n    return 2 * x";
  private static final int ITEMS = 600;

  private final Path secondDirectory = Service.newDirectory();
  private EmbeddedPostgres postgres;
  private Service first;

  @BeforeEach
  void start() throws IOException {
    Requirements.python();
    postgres = EmbeddedPostgres.start();
    first = Service.start(Service.newDirectory(), settings());
  }

  @AfterEach
  void stop() throws IOException {
    first.close();
    postgres.close();
  }

  private String[] settings(String... more) {
    var all = new ArrayList<>(List.of("--manyhands.workers.slots=2"));
    all.addAll(List.of(more));
    return OwnStore.settings(postgres, all.toArray(String[]::new));
  }

  @Test
  void theSecondIsRefusedAndGetsInWhenTheFirstIsKilled() throws Exception {
    String holder = "manyhands, pid " + first.pid() + " on ";
    String refusal =
        Service.refusalToStart(secondDirectory, settings("--manyhands.store.lock-wait=1s"));
    assertThat(refusal).contains("is used by another service, " + holder, "End that service");
    assertThat(doctor()).containsPattern("WRONG  writer .*" + holder);

    var starting = secondStarts();
    awaitSecondWaits();
    String id = first.submit(slowJob());
    awaitDone(first, id, 20);
    first.killMinus9();
    try (var second = starting.get(90, TimeUnit.SECONDS)) {
      isWhole(second, id);
      assertThat(second.log().split(WAITING, -1)).as("told once").hasSize(2);
    }
  }

  @Test
  void exactlyOneGoesOnWhenTheSessionOfTheFirstIsEndedWhileAnotherWaits() throws Exception {
    var starting = secondStarts();
    awaitSecondWaits();
    String id = first.submit(slowJob());
    awaitDone(first, id, 20);
    for (int i = 0; i < 5 && !isReplaced(first); i++) {
      endSessionsOfTheFirst();
      long more = done(first, id) + 10;
      await(() -> isReplaced(first) || done(first, id) >= more);
    }
    // The first may be replaced a moment after its session was ended for the last time.
    await(() -> isReplaced(first) || hasEnded(first, id));
    Service works = isReplaced(first) ? starting.get(90, TimeUnit.SECONDS) : first;
    if (works == first) {
      assertThat(first.get(LIVENESS).status()).isEqualTo(200);
      isWhole(first, id);
      first.terminate();
      works = starting.get(90, TimeUnit.SECONDS);
    }
    isWhole(works, id);
    works.close();
  }

  @Test
  void aServiceThatWasReplacedWhileItStoodStillStopsItsWork() throws Exception {
    var starting = secondStarts();
    awaitSecondWaits();
    String id = first.submit(slowJob());
    String waits = first.submit(python("def f(x): return x", "[1]", "\"after\": [\"" + id + "\"]"));
    awaitDone(first, id, 20);
    LastingService.signal("STOP", first.pid());
    endSessionsOfTheFirst();

    try (var second = starting.get(90, TimeUnit.SECONDS)) {
      awaitDone(second, id, 60);
      LastingService.signal("CONT", first.pid());

      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> first.get(LIVENESS).status() == 503);
      assertThat(first.get(LIVENESS).body())
          .contains("taken the database over: manyhands, pid " + second.pid() + " on ");
      assertThat(first.get(READINESS).status()).isEqualTo(503);
      first.awaitLog("all workers have ended");
      assertThat(first.get("/api/v1/workers").status()).isIn(200, 503);
      assertThat(first.post("/api/v1/jobs", python("def f(x): return x", "[1]")).status())
          .isEqualTo(503);

      isWhole(second, id);
      assertThat(second.await(waits).get("state").stringValue()).isEqualTo("SUCCEEDED");
      for (String job : List.of(id, waits)) {
        JsonNode shown = first.get(JOBS + job).json();
        assertThat(shown.get("state").stringValue())
            .as("what the store says")
            .isEqualTo("SUCCEEDED");
        assertThat(shown.get("items")).isEqualTo(second.get(JOBS + job).json().get("items"));
      }
      assertThat(first.results(id)).hasSize(ITEMS);
      assertThat(workersOf(first)).isEmpty();
    }
  }

  private static String slowJob() {
    return python(SLOW, "{\"range\": {\"stop\": " + ITEMS + "}}");
  }

  private CompletableFuture<Service> secondStarts() {
    return CompletableFuture.supplyAsync(() -> Service.start(secondDirectory, settings()));
  }

  private void awaitSecondWaits() {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> secondsLog().contains(WAITING));
  }

  private String secondsLog() {
    var all = new StringBuilder();
    try (var logs = Files.newDirectoryStream(secondDirectory, "service*.log")) {
      for (Path log : logs) {
        all.append(Files.readString(log));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toString();
  }

  private static long done(Service service, String id) {
    return service.get(JOBS + id).json().get("items").get("done").longValue();
  }

  private static boolean hasEnded(Service service, String id) {
    return !service.get(JOBS + id).json().get("finishedAt").isNull();
  }

  private static void awaitDone(Service service, String id, long items) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> done(service, id) >= Math.min(ITEMS, items));
  }

  /** All that the store has, too: each item once. */
  private void isWhole(Service service, String id) throws SQLException {
    JsonNode job = service.await(id);
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    assertThat(service.results(id).stream().map(JsonNode::longValue))
        .containsExactlyElementsOf(LongStream.range(0, ITEMS).map(i -> 2 * i).boxed().toList());
    assertThat(number("SELECT SUM(item_count) FROM outcome WHERE job_id = '" + id + "'"))
        .isEqualTo(ITEMS);
  }

  /** The service may just be about to open its session again. */
  private void endSessionsOfTheFirst() {
    String sql =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            + " WHERE application_name LIKE 'manyhands, pid "
            + first.pid()
            + " %'";
    await(() -> number(sql) > 0 || isReplaced(first));
  }

  private static boolean isReplaced(Service service) {
    return service.get(LIVENESS).status() == 503;
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(condition);
  }

  private long number(String sql) throws SQLException {
    try (var connection = postgres.getPostgresDatabase().getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static List<String> workersOf(Service service) {
    return ProcessHandle.of(service.pid())
        .orElseThrow()
        .descendants()
        .map(process -> process.info().commandLine().orElse("?"))
        .toList();
  }

  private String doctor() throws Exception {
    var command = Packaged.jar("-XX:TieredStopAtLevel=1");
    command.add("doctor");
    command.add("--server.port=0");
    command.addAll(List.of(settings()));
    var process =
        new ProcessBuilder(command)
            .directory(secondDirectory.toFile())
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return text;
  }
}
