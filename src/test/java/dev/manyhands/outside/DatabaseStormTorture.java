package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.DatabaseStorm.Deed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs of six clients while PostgreSQL stops, crashes, breaks connections or holds a lock, half of
 * the time in each storm: {@code ./mvnw -Ptorture verify -Dtorture.minutes=5}, again with {@code
 * -Dtorture.seed=…}.
 */
class DatabaseStormTorture {
  private static final long SEED = Long.getLong("torture.seed", System.nanoTime() >>> 8);
  private static final Duration SHARE =
      Duration.ofSeconds(30L * Integer.getInteger("torture.minutes", 5));

  /** Two rows of one job that have an item in common. */
  private static final String OVERLAPS =
      "SELECT count(*) FROM outcome a JOIN outcome b ON a.job_id = b.job_id"
          + " AND a.first_index < b.first_index AND b.first_index < a.first_index + a.item_count";

  @TempDir private Path scratch;

  @Test
  void noJobSuffersFromStopsAndBrokenConnections() throws Exception {
    storm(
        List.of(
            Deed.CONNECTIONS_ENDED, Deed.STATEMENTS_CANCELLED, Deed.STOPPED, Deed.STOPPED_AT_ONCE));
  }

  @Test
  void norFromCrashesAndLocks() throws Exception {
    storm(List.of(Deed.STOPPED_AT_ONCE, Deed.CONNECTIONS_ENDED, Deed.OUTCOMES_LOCKED));
  }

  private void storm(List<Deed> kinds) throws Exception {
    Requirements.python();
    try (var server = new RestartedPostgres(Files.createDirectory(scratch.resolve("data")))) {
      var database = new CutDatabase(server.port(), "storm");
      String[] settings = OwnStore.settings(server.port(), "storm", "--manyhands.workers.slots=2");
      try (var service = Service.start(Service.newDirectory(), settings)) {
        var lasting = new LastingService(service);
        var clients = new StormClients(lasting, SEED);
        var storm = new DatabaseStorm(server, database, kinds, SEED);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
          var harm = threads.submit(storm);
          try {
            clients.submitUntil(System.nanoTime() + SHARE.toNanos());
          } finally {
            storm.end();
            harm.get();
          }
        }
        lasting.ask(s -> s.get("/actuator/health/readiness"));
        List<String> failures = clients.check();
        System.out.printf("DatabaseStorm, seed %d: %s; %s%n", SEED, storm.deeds, clients);
        assertThat(failures).isEmpty();
        assertThat(database.count(OVERLAPS)).isZero();
        assertThat(service.log().lines().filter(line -> line.contains(" ERROR "))).isEmpty();
      }
    }
  }
}
