package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Events that a job waits for: the end of another job, or a time. Used by one thread. */
final class OracleWaits {
  /** The job before waits for its own inputs, which never come. */
  private static final String BEFORE = Service.python("def f(x): return x", "{\"open\": true}");

  private static final int MOST_MILLIS = 400;

  private final Handling.Before before;
  private final @Nullable Instant notBefore;
  private @Nullable String idBefore;

  OracleWaits(Handling handling, RandomGenerator random) {
    before = handling.before();
    notBefore =
        before == Handling.Before.TIME
            ? Instant.now().plusMillis(random.nextInt(MOST_MILLIS))
            : null;
  }

  /** Returns the options of a job that waits, each with a comma before it. */
  String options(Service service) {
    return switch (before) {
      case NOTHING -> "";
      case TIME -> ", \"notBefore\": \"" + notBefore + "\"";
      case SUCCESS, FAILURE -> {
        idBefore = service.submit(BEFORE);
        yield ", \"after\": [\"" + idBefore + "\"]";
      }
    };
  }

  /** Ends the other job. */
  void letGo(Asker service, String id) {
    if (idBefore == null) {
      return;
    }
    JsonNode job = service.get("/api/v1/jobs/" + id).json();
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("WAITING");
    String end = before == Handling.Before.SUCCESS ? "/close" : "/cancel";
    var answer = service.post("/api/v1/jobs/" + idBefore + end, "");
    assertThat(answer.status()).as("%s", answer).isIn(200, 202);
    awaitBegin(service, id);
  }

  /** Waits until the job is no longer WAITING. The service holds back each answer for a moment. */
  static void awaitBegin(Asker service, String id) {
    JsonNode job;
    do {
      job = service.get("/api/v1/jobs/" + id + "?wait=0.02").json();
    } while (job.get("state").stringValue().equals("WAITING"));
  }

  /** Checks that the job did not begin too early. */
  void check(Service service, JsonNode job) {
    if (job.get("startedAt").isNull()) {
      return;
    }
    var started = Instant.parse(job.get("startedAt").stringValue());
    if (notBefore != null) {
      assertThat(started).as("%s", job).isAfter(notBefore.minusMillis(1));
    }
    if (idBefore != null) {
      JsonNode other = service.get("/api/v1/jobs/" + idBefore).json();
      assertThat(started).isAfterOrEqualTo(Instant.parse(other.get("finishedAt").stringValue()));
    }
  }
}
