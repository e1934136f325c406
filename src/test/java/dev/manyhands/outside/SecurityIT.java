package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No one gets in uninvited, and nothing gets out. */
class SecurityIT {
  private static final String TOKEN = "a-token-of-some-length";

  /** SHA-256 of {@code another-token-of-length}. */
  private static final String HASHED = "sha256:" + sha256("another-token-of-length");

  @Test
  void withoutTokensItRefusesToListenBeyondLoopback() throws Exception {
    String log = Service.refusalToStart(Service.newDirectory(), "--server.address=0.0.0.0");
    assertThat(log).contains("refusing to listen on 0.0.0.0 without tokens");
    assertThat(log).contains("MANYHANDS_SECURITY_TOKENS");
    assertThat(log).doesNotContain("Tomcat started");
  }

  @Test
  void withTokensOnlyTheirBearersGetIn() {
    try (var service =
        Service.start(
            Service.newDirectory(), "--manyhands.security.tokens=" + TOKEN + "," + HASHED)) {
      var refused = service.get("/api/v1/jobs");
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
      assertThat(refused.header("Content-Type"))
          .isEqualToIgnoringCase("application/problem+json;charset=UTF-8");
      assertThat(status(service, "/api/v1/jobs", "Bearer wrong")).isEqualTo(401);
      assertThat(status(service, "/api/v1/jobs", "Basic " + TOKEN)).isEqualTo(401);
      assertThat(status(service, "/api/v1/jobs", "Bearer " + TOKEN)).isEqualTo(200);
      assertThat(status(service, "/api/v1/jobs", "bearer another-token-of-length")).isEqualTo(200);
      assertThat(status(service, "/actuator/prometheus", "Bearer x")).isEqualTo(401);
      String events = "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/events";
      assertThat(status(service, events, "Bearer x")).isEqualTo(401);
      assertThat(status(service, events, "Bearer " + TOKEN)).isEqualTo(404);
      assertThat(service.get("/actuator/health").status()).isEqualTo(200);
      assertThat(service.get("/client/").status()).isEqualTo(200);
      assertThat(service.get("/api/v1/../../actuator/health/../prometheus").status())
          .isNotEqualTo(200);
      assertThat(service.log()).doesNotContain(TOKEN);
    }
  }

  @Test
  void aTokenForMetricsReadsTheMetricsAndNothingElse() {
    String reader = "a-token-that-only-reads";
    try (var service =
        Service.start(
            Service.newDirectory(),
            "--manyhands.security.tokens=" + TOKEN,
            "--manyhands.security.metrics-tokens=sha256:" + sha256(reader))) {
      String bearer = "Bearer " + reader;
      assertThat(status(service, "/actuator/prometheus", bearer)).isEqualTo(200);
      assertThat(status(service, "/actuator/prometheus", "Bearer " + TOKEN)).isEqualTo(200);
      assertThat(status(service, "/actuator/health", bearer)).isEqualTo(200);
      for (String path :
          List.of(
              "/api/v1/jobs",
              "/actuator/info",
              "/actuator/prometheus/../info",
              "/actuator/prometheus;/../../api/v1/jobs")) {
        var refused = service.send(service.request(path).header("Authorization", bearer));
        assertThat(refused.status()).as(path).isEqualTo(403);
        assertThat(refused.json().path("type").asString()).endsWith(":metrics-only");
      }
      var posted =
          service.send(
              service
                  .request("/api/v1/jobs")
                  .header("Authorization", bearer)
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString("{\"function\":\"gcd\",\"inputs\":[[4,6]]}")));
      assertThat(posted.status()).isEqualTo(403);
      var health =
          service.send(service.request("/actuator/health").header("Authorization", bearer));
      assertThat(health.json().has("components")).isFalse();
    }
  }

  @Test
  void tokensForMetricsNeedTokensForEverythingElse() throws Exception {
    String log =
        Service.refusalToStart(
            Service.newDirectory(), "--manyhands.security.metrics-tokens=" + TOKEN);
    assertThat(log).contains("manyhands.security.metrics-tokens has no effect without");
    assertThat(log).doesNotContain(TOKEN).doesNotContain("Tomcat started");
  }

  private static int status(Service service, String path, String authorization) {
    return service.send(service.request(path).header("Authorization", authorization)).status();
  }

  @Test
  void aPageOfAnotherOriginAndARebindingNameAreRefused() throws Exception {
    try (var service = Service.start(Service.newDirectory())) {
      int port = service.uri("/").getPort();
      assertThat(raw(port, "Host: evil.example:" + port))
          .contains(" 403 ")
          .contains("unknown-host");
      assertThat(raw(port, "Host: localhost:" + port)).contains(" 200 ");
      assertThat(raw(port, "Host: 127.0.0.2:" + port)).contains(" 200 ");
      assertThat(raw(port, "Host: [::1]:" + port)).contains(" 200 ");
      assertThat(raw(port, "Host: 127.0.0.1.evil.example:" + port)).contains(" 403 ");
      assertThat(raw(port, "Host: 10.0.0.1:" + port)).contains(" 403 ");
      assertThat(raw(port, "Host: 127.0.0.1:" + port + "\r\nOrigin: http://evil.example"))
          .contains(" 403 ")
          .contains("foreign-origin");
      assertThat(raw(port, "Host: 127.0.0.1:" + port + "\r\nOrigin: http://127.0.0.1:" + port))
          .contains(" 200 ");
      assertThat(raw(port, "Host: 127.0.0.1:" + port + "\r\nOrigin: null")).contains(" 403 ");
    }
  }

  private static String raw(int port, String headers) throws Exception {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1/limits HTTP/1.1\r\n" + headers + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      var reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      return String.join("\n", reader.lines().toList());
    }
  }

  @Test
  void workersInheritNothingOfTheService() {
    Requirements.python();
    try (var service =
        Service.start(
            Service.newDirectory(),
            "--manyhands.workers.environment.GREETING=hello",
            "--manyhands.security.allowed-hosts=example.test")) {
      var job = service.run(python("import os\ndef f(x): return dict(os.environ)", "[1]"));
      var environment = job.get("result").get(0);
      assertThat(environment.toString()).doesNotContain("hunter2").doesNotContain("SECRET");
      assertThat(environment.get("GREETING").stringValue()).isEqualTo("hello");
      assertThat(environment.get("OMP_NUM_THREADS").stringValue()).isEqualTo("1");
      assertThat(environment.get("HOME").stringValue()).contains("scratch");
      var session =
          service.run(python("import os\ndef f(x): return os.getsid(0) == os.getpid()", "[1]"));
      assertThat(session.get("result").toString()).isEqualTo("[true]");
    }
  }

  @Test
  void twoServicesDoNotShareADataDirectory() throws Exception {
    try (var first = Service.start(Service.newDirectory())) {
      assertThat(Service.refusalToStart(first.directory))
          .contains("another service uses the data directory");
    }
  }

  @Test
  void aWrongInterpreterFailsTheJobAndNotTheService() {
    try (var service =
        Service.start(Service.newDirectory(), "--manyhands.python.interpreter=/no/such/python")) {
      var job = service.run(python("def f(x): return x", "[1]"));
      assertThat(job.get("state").stringValue()).isEqualTo("FAILED");
      assertThat(job.get("error").get("message").stringValue())
          .contains("/no/such/python", "manyhands.python.interpreter");
      var other = service.run("{\"function\": \"gcd\", \"inputs\": [[4, 6]]}");
      assertThat(other.get("result").toString()).isEqualTo("[2]");
    }
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
