package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Paths below the health endpoint, which are open to all. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HealthPathsIT {
  private static final String HEALTH = "/actuator/health";
  private static final String TOKEN = "a-token-of-sixteen-or-more";

  private Service service;

  @BeforeAll
  void start() {
    service = Service.start(Service.newDirectory(), "--manyhands.security.tokens=" + TOKEN);
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void whereThereIsNothingIsA404AndNoLineOfTheLog() {
    for (String path :
        List.of(
            "/a",
            "/a/",
            "/a/b",
            "/a/b/c",
            "/a/store",
            "/a" + "/b".repeat(2_000),
            "/a;b/c",
            "/a%20b/%C3%A9",
            "/%2e%2e/x/y",
            "/a/*",
            "/**/x",
            "/$%7Bx%7D/y",
            "/store/x",
            "/store/x/y",
            "/pool/store",
            "/diskSpace/path",
            "/readiness/a",
            "/readiness/a/b",
            "/readiness/store/x",
            "/readiness/readiness",
            "/liveness/store",
            "/liveness/a/b/c",
            "/readinessState/x",
            "/READINESS/store")) {
      for (String method : List.of("GET", "HEAD")) {
        String answer = Raw.ask(service, Raw.head(method, HEALTH + path));
        assertThat(answer)
            .as(method + " " + path)
            .startsWith("HTTP/1.1 404 ")
            .contains("Content-Type: application/problem+json");
        assertThat(answer.contains("urn:manyhands:problem:not-found"))
            .isEqualTo(method.equals("GET"));
      }
    }
    assertThat(service.log()).doesNotContain(" ERROR ", "Exception");
  }

  @Test
  void whatThereIsIsShownAsBefore() {
    assertThat(asKnown("").get("components").propertyNames())
        .contains("diskSpace", "livenessState", "ping", "pool", "readinessState", "ssl", "store");
    assertThat(asKnown("").at("/components/diskSpace/details/path").stringValue())
        .isEqualTo(service.directory.resolve("data").toString());
    assertThat(asKnown("").get("groups").toString()).isEqualTo("[\"liveness\",\"readiness\"]");
    for (String path :
        List.of(
            "/store",
            "/pool",
            "/readiness",
            "/readiness/",
            "/liveness",
            "/readiness/store",
            "/readiness/pool")) {
      assertThat(asKnown(path).get("status").stringValue()).as(path).isEqualTo("UP");
    }
    assertThat(asKnown("/readiness/pool").at("/details/slots").intValue()).isPositive();
  }

  @Test
  void aStrangerLearnsTheStatusAndNothingElse() {
    for (String path : List.of("", "/readiness", "/liveness")) {
      var answer = service.get(HEALTH + path);
      assertThat(answer.status()).as(path).isEqualTo(200);
      assertThat(answer.json().propertyNames()).as(path).isSubsetOf("status", "groups");
    }
    for (String path : List.of("/store", "/diskSpace", "/readiness/threads")) {
      assertThat(service.get(HEALTH + path).status()).as(path).isEqualTo(404);
    }
  }

  @Test
  void aStrangerIsNotToldWhyTheServiceIsNotReady() throws IOException {
    String token = "--manyhands.security.tokens=" + TOKEN;
    var postgres = EmbeddedPostgres.start(); // ends with the tests, if not before
    try (var cutOff = Service.start(Service.newDirectory(), OwnStore.settings(postgres, token))) {
      postgres.close();
      String readiness = HEALTH + "/readiness";
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> cutOff.get(readiness).status() == 503);
      assertThat(cutOff.get(readiness).body()).isEqualTo("{\"status\":\"DOWN\"}");
      var known = cutOff.request(readiness).header("Authorization", "Bearer " + TOKEN);
      assertThat(cutOff.send(known).body()).contains("\"reason\":\"");
    }
  }

  private JsonNode asKnown(String path) {
    var request = service.request(HEALTH + path).header("Authorization", "Bearer " + TOKEN);
    var answer = service.send(request);
    assertThat(answer.status()).as(path).isEqualTo(200);
    return answer.json();
  }
}
