package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Service.Answer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A PostgreSQL that accepts connections and does not answer. Either another session locks a row, or
 * its processes are stopped. Clients get an error soon, and nothing that was accepted is lost.
 */
class SilentDatabaseIT {
  private static final String JOBS = "/api/v1/jobs/";
  private static final String READINESS = "/actuator/health/readiness";
  private static final String SLOW =
      "import time\ndef f(x):\n    time.sleep(0.02)\n    return 2 * x";
  private static final int ITEMS = 600;

  /** Within this a submission is answered, and readiness is down. */
  private static final Duration SOON = Duration.ofSeconds(12);

  private EmbeddedPostgres postgres;
  private Service service;
  private String running;

  @BeforeEach
  void start() throws IOException {
    Requirements.python();
    postgres = EmbeddedPostgres.start();
    service =
        Service.start(
            Service.newDirectory(), OwnStore.settings(postgres, "--manyhands.workers.slots=2"));
    running = service.submit(python(SLOW, "{\"range\": {\"stop\": " + ITEMS + "}}"));
    Awaitility.await()
        .until(() -> service.get(JOBS + running).json().get("items").get("done").longValue() > 20);
  }

  @AfterEach
  void stop() throws IOException {
    service.close();
    postgres.close();
  }

  @Test
  void aRowThatSomebodyLocksDoesNotKeepClientsHanging() throws Exception {
    try (var other = postgres.getPostgresDatabase().getConnection();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT id FROM job WHERE id = '" + running + "' FOR UPDATE");
      awaitWriterWaits();
      clientsHearOfIt();
      other.rollback();
    }
    allIsWellAgain();
  }

  @Test
  void backendsThatStandStillDoNotKeepClientsHanging() throws Exception {
    List<Long> backends = backends();
    backends.forEach(pid -> LastingService.signal("STOP", pid));
    try {
      clientsHearOfIt();
    } finally {
      backends.forEach(pid -> LastingService.signal("CONT", pid));
    }
    allIsWellAgain();
  }

  private void awaitWriterWaits() {
    Awaitility.await()
        .until(() -> {
          try (var connection = postgres.getPostgresDatabase().getConnection();
              var statement = connection.createStatement();
              var rows = statement.executeQuery("SELECT 1 FROM pg_locks WHERE NOT granted")) {
            return rows.next();
          }
        });
  }

  private void clientsHearOfIt() {
    long start = System.nanoTime();
    Answer answer = service.post("/api/v1/jobs", python("def f(x): return x", "[1]"));
    assertThat(answer.status()).as("%s", answer).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isNotEmpty();
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    double refused = (System.nanoTime() - start) / 1e9;
    Awaitility.await().atMost(SOON).until(() -> service.get(READINESS).status() == 503);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    System.out.printf(
        "SilentDatabaseIT: refused after %.1f s, readiness down after %.1f s%n",
        refused, took.toMillis() / 1e3);
    assertThat(took).isLessThan(SOON);
    assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
  }

  private void allIsWellAgain() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> service.get(READINESS).status() == 200);
    JsonNode job = service.await(running);
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    assertThat(service.results(running).stream().map(JsonNode::longValue))
        .containsExactlyElementsOf(LongStream.range(0, ITEMS).map(i -> 2 * i).boxed().toList());
    assertThat(service.get("/api/v1/jobs").json().get("jobs"))
        .as("refused is not there")
        .hasSize(1);
    // Refused requests have lines of their own, of which there are few.
    assertThat(linesOfLog("WARN", "the database cannot be written to, queued=")).isEqualTo(1);
    assertThat(linesOfLog("INFO", "the database can be written to again, queued=")).isEqualTo(1);
  }

  private long linesOfLog(String level, String text) {
    return service
        .log()
        .lines()
        .filter(line -> line.contains(level) && line.contains(text))
        .count();
  }

  private List<Long> backends() throws SQLException {
    var pids = new ArrayList<Long>();
    try (var connection = postgres.getPostgresDatabase().getConnection();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'manyhands%'")) {
      while (rows.next()) {
        pids.add(rows.getLong(1));
      }
    }
    return pids;
  }
}
