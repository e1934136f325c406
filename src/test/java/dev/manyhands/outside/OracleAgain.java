package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/** A job of which all items have a value, submitted again: with the cache, or for a short life. */
final class OracleAgain {
  private static final Duration LIFE = Duration.ofSeconds(1);

  private OracleAgain() {}

  /** Nothing runs again, and the results are those of the first job. */
  static void cached(Service service, String json, Told told, RandomGenerator random) {
    JsonNode again = service.run(json);
    JsonNode items = again.get("items");
    assertThat(items.get("succeeded")).as("%s", again).isEqualTo(items.get("total"));
    assertThat(items.get("cached")).as("cached of %s", again).isEqualTo(items.get("total"));
    assertThat(Told.pages(service, again.get("id").stringValue(), random)).isEqualTo(told);
  }

  /** The service deletes the job when its time is over, and not before. */
  static void forgotten(Service service, String json) {
    double seconds = LIFE.toMillis() / 1e3;
    try (Wire events = JobEvents.open(service)) {
      String id = service.submit(json.replaceFirst("\\{", "{\"ttl\": " + seconds + ", "));
      JsonNode ended = JobEvents.awaitEnd(events, id);
      JobEvents.awaitDeletion(events, id);
      var finished = Instant.parse(ended.get("finishedAt").stringValue());
      assertThat(Instant.now()).as("time of deletion").isAfterOrEqualTo(finished.plus(LIFE));
      assertThat(service.get("/api/v1/jobs/" + id).status()).isEqualTo(404);
      assertThat(service.get("/api/v1/jobs/" + id + "/results").status()).isEqualTo(404);
    }
  }
}
