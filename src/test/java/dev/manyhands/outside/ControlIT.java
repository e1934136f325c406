package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.QUEUED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The control that users have over a job that runs, or has failed in part. */
@RunningService
class ControlIT {
  private static final String SLOW = "import time\ndef f(x):\n  time.sleep(0.01)\n  return x";

  private final Service service;

  @TempDir private Path directory;

  ControlIT(Service service) {
    this.service = service;
  }

  @Test
  void aPausedJobStartsNothingAndGoesOnWhenToldTo() {
    var job = service.job().python(SLOW).range(400).paused().submit();
    assertThat(FinishedJob.state(job.viewAfter(0.5))).isEqualTo(QUEUED);
    assertThat(job.patch(Map.of("paused", false, "workers", 1, "priority", 9)).status())
        .isEqualTo(200);
    var finished = job.await();
    assertThat(finished).hasState(SUCCEEDED);
    assertThat(finished.get("workersUsed").intValue()).isEqualTo(1);
    assertThat(finished.get("priority").intValue()).isEqualTo(9);
    assertThat(job.results()).hasSize(400);
  }

  @Test
  void pausingARunningJobKeepsAllOfIt() {
    var job = service.job().python(SLOW).range(300).submit();
    for (int i = 0; i < 5; i++) {
      assertThat(isPausedAfter(job, true)).isTrue();
      job.viewAfter(0.05);
      assertThat(isPausedAfter(job, null)).isFalse();
      job.viewAfter(0.05);
    }
    assertThat(job.await())
        .hasState(SUCCEEDED)
        .hasResults(LongStream.range(0, 300).boxed().toList());
  }

  private static boolean isPausedAfter(RunningJob job, @Nullable Boolean paused) {
    var answer = job.patch(Collections.singletonMap("paused", paused));
    return answer.json().get("paused").booleanValue();
  }

  @Test
  void changesSurviveKillMinus9() throws Exception {
    var first = Service.start(Service.newDirectory());
    var job = first.job().python(SLOW).range(100).paused().maxFailures("5%").submit();
    var change = HttpRequest.BodyPublishers.ofString(JobBuilder.json(Map.of("priority", 2)));
    first.send(
        first
            .request(job.path())
            .method("PATCH", change)
            .header("Content-Type", "application/json"));
    first.killMinus9();
    try (var second = first.again()) {
      var kept = job.on(second).viewAfter(0.3);
      assertThat(FinishedJob.state(kept)).isEqualTo(QUEUED);
      assertThat(kept.get("priority").intValue()).isEqualTo(2);
      assertThat(kept.get("maxFailures").stringValue()).isEqualTo("5%");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"priority": 10} | /priority | 422
          {"workers": 0} | /workers | 422
          {"paused": "yes"} | /paused | 400
          {"maxFailures": "half"} | /maxFailures | 400
          {"seed": 1} | /seed | 400
          """)
  void aBadChangeSaysWhy(String change, String pointer, int status) {
    var job = service.job().python(SLOW).range(1).paused().submit();
    var answer = job.patch(change);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue()).isEqualTo(pointer);
    job.cancelled();
    assertThat(job.patch(Map.of("priority", 1)).status()).isEqualTo(409);
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
    var job = service.job().python(code).range(100).retryError(3).backoff(0.05).run();
    assertThat(job).hasState(SUCCEEDED);
    assertThat(Files.size(tries.resolve("90"))).isEqualTo(3);
    assertThat(job.results()).hasSize(100);
  }

  @Test
  void anItemThatFailsEachTimeSaysHowOften() {
    String code = "def f(x): return 1 // x";
    var job = service.job().python(code).range(-5, 5).retryError(4).reduce("count").run();
    assertThat(job).hasResult(9).hasErrors(1).hasAttemptsAt(5, 4);
  }

  @Test
  void aShareOfFailuresMayBeAllowed() {
    var job = service.job().python("def f(x): return 1 // (x % 20)").range(100);
    assertThat(job.maxFailures("5%").run()).hasState(SUCCEEDED);
    assertThat(job.maxFailures("4.9%").run()).hasState(FAILED);
  }
}
