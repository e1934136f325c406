package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The control that users have over a job that runs, or has failed in part. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ControlIT {
  private static final String SLOW = "import time\ndef f(x):\n  time.sleep(0.01)\n  return x";
  private Service service;

  @TempDir private Path directory;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void aPausedJobStartsNothingAndGoesOnWhenToldTo() {
    String id = service.submit(python(SLOW, range(400), "\"paused\": true"));
    assertThat(service.get("/api/v1/jobs/" + id + "?wait=0.5").json().get("state").stringValue())
        .isEqualTo("QUEUED");
    assertThat(patch(id, "{\"paused\": false, \"workers\": 1, \"priority\": 9}").status())
        .isEqualTo(200);
    var job = service.await(id);
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(job.get("workersUsed").intValue()).isEqualTo(1);
    assertThat(job.get("priority").intValue()).isEqualTo(9);
    assertThat(service.results(id)).hasSize(400);
  }

  @Test
  void pausingARunningJobKeepsAllOfIt() {
    String id = service.submit(python(SLOW, range(300)));
    String url = "/api/v1/jobs/" + id;
    for (int i = 0; i < 5; i++) {
      assertThat(patch(id, "{\"paused\": true}").json().get("paused").booleanValue()).isTrue();
      service.get(url + "?wait=0.05");
      assertThat(patch(id, "{\"paused\": null}").json().get("paused").booleanValue()).isFalse();
      service.get(url + "?wait=0.05");
    }
    assertThat(service.await(id).get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(service.results(id).stream().map(value -> value.longValue()))
        .containsExactlyElementsOf(LongStream.range(0, 300).boxed().toList());
  }

  @Test
  void changesSurviveKillMinus9() throws Exception {
    var first = Service.start(Service.newDirectory());
    String id =
        first.submit(python(SLOW, range(100), "\"paused\": true", "\"maxFailures\": \"5%\""));
    first.send(
        first
            .request("/api/v1/jobs/" + id)
            .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"priority\": 2}"))
            .header("Content-Type", "application/json"));
    first.killMinus9();
    try (var second = first.again()) {
      var job = second.get("/api/v1/jobs/" + id + "?wait=0.3").json();
      assertThat(job.get("state").stringValue()).isEqualTo("QUEUED");
      assertThat(job.get("priority").intValue()).isEqualTo(2);
      assertThat(job.get("maxFailures").stringValue()).isEqualTo("5%");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"priority\": 10} | /priority | 422",
        "{\"workers\": 0} | /workers | 422",
        "{\"paused\": \"yes\"} | /paused | 400",
        "{\"maxFailures\": \"half\"} | /maxFailures | 400",
        "{\"seed\": 1} | /seed | 400"
      })
  void aBadChangeSaysWhy(String body, String pointer, int status) {
    String id = service.submit(python(SLOW, range(1), "\"paused\": true"));
    var answer = patch(id, body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue()).isEqualTo(pointer);
    service.cancelled(id);
    assertThat(patch(id, "{\"priority\": 1}").status()).isEqualTo(409);
  }

  @Test
  void itemsThatFailAreTriedAgainAfterAWhile() throws Exception {
    Path tries = Files.createDirectory(directory.resolve("tries"));
    String code =
        """
        import os, time
        def f(x):
            if x %% 10 == 0:
                with open(f"%s/{x}", "a") as file: file.write("x")
                if os.path.getsize(f"%s/{x}") < 3: raise OSError("not yet")
            return x
        """
            .formatted(tries, tries);
    var job = service.run(python(code, range(100), "\"retry\": {\"error\": 3, \"backoff\": 0.05}"));
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(Files.size(tries.resolve("90"))).isEqualTo(3);
    assertThat(service.results(job.get("id").stringValue())).hasSize(100);
  }

  @Test
  void anItemThatFailsEachTimeSaysHowOften() {
    String code = "def f(x): return 1 // x";
    var job =
        service.run(
            python(
                code,
                "{\"range\": {\"start\": -5, \"stop\": 5}}",
                "\"retry\": {\"error\": 4}",
                "\"reduce\": \"count\""));
    assertThat(job.get("result").longValue()).isEqualTo(9);
    var error =
        service
            .get("/api/v1/jobs/" + job.get("id").stringValue() + "/results")
            .json()
            .get("errors")
            .get(0);
    assertThat(error.get("attempts").intValue()).isEqualTo(4);
    assertThat(error.get("index").intValue()).isEqualTo(5);
  }

  @Test
  void aShareOfFailuresMayBeAllowed() {
    String code = "def f(x): return 1 // (x % 20)";
    var allowed = service.run(python(code, range(100), "\"maxFailures\": \"5%\""));
    assertThat(allowed.get("state").stringValue()).isEqualTo("SUCCEEDED");
    var tooMany = service.run(python(code, range(100), "\"maxFailures\": \"4.9%\""));
    assertThat(tooMany.get("state").stringValue()).isEqualTo("FAILED");
  }

  private Service.Answer patch(String id, String body) {
    return service.patch("/api/v1/jobs/" + id, body);
  }

  private static String range(int stop) {
    return "{\"range\": {\"stop\": " + stop + "}}";
  }
}
