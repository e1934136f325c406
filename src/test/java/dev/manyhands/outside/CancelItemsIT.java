package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Service.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Items that a user cancels while their job runs. */
class CancelItemsIT extends OnEachStore {
  @TempDir Path directory;

  @Test
  void itemsThatHaveNotBegunAreCancelledForGood() throws Exception {
    // The last item runs first, and waits.
    RunningJob job = submitGated(6, 5);
    assertThat(cancel(job, "[[0, 2], [3, 4], [5, 6]]", false))
        .isEqualTo("[0,2] cancelled, [3,4] cancelled, [5,6] running");
    assertCancelledShown(job);
    service.killMinus9();
    service = service.again();
    job = job.on(service);
    assertCancelledShown(job);
    assertThat(cancel(job, "[[0, 3]]", false)).isEqualTo("[0,3] cancelled");
    openGate();
    FinishedJob ended = job.await();
    assertThat(ended.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(ended.get("stopReason").isNull()).isTrue();
    assertThat(ended.get("items").get("skipped").longValue()).isEqualTo(4);
    assertThat(job.results()).hasToString("[null, null, null, null, 40, 50]");
    assertThat(cancel(job, "[[3, 6]]", true)).isEqualTo("[3,4] cancelled, [4,6] done");
  }

  private void assertCancelledShown(RunningJob job) {
    assertThat(job.item(3).get("state").stringValue()).isEqualTo("SKIPPED");
    assertThat(job.view().get("items").get("skipped").longValue()).isGreaterThanOrEqualTo(3);
    Answer listed = service.get(job.path() + "/items?state=SKIPPED");
    assertThat(indexes(listed.json().get("items"))).startsWith("0,1,").endsWith("3");
    // A reader in input order passes them, though the job runs.
    Answer page = service.get(job.path() + "/results");
    assertThat(page.json().get("skipped").toString()).startsWith("[[0,");
    assertThat(page.json().get("next").longValue()).isBetween(2L, 4L);
  }

  private static String indexes(JsonNode items) {
    return StreamSupport.stream(items.spliterator(), false)
        .map(item -> item.get("index").toString())
        .collect(Collectors.joining(","));
  }

  @Test
  void itemsThatRunAreStoppedByForce() throws IOException {
    RunningJob job = submitGated(4, 3);
    assertThat(cancel(job, "[[2, 4]]", true)).isEqualTo("[2,4] cancelled");
    FinishedJob ended = job.await();
    assertThat(ended.get("items").get("skipped").longValue()).isEqualTo(2);
    assertThat(job.results()).hasToString("[0, 10, null, null]");
  }

  @Test
  void itemsOfAChunkThatHaveNotBegunComeBack() throws IOException {
    RunningJob job =
        service
            .job()
            .python(
                """
                import os, time
                def f(x):
                    while x == 0 and not os.path.exists('%s'): time.sleep(0.01)
                    return x * 10
                """
                    .formatted(directory.resolve("gate")))
            .range(8)
            .workers(1)
            .chunk(8)
            .submit();
    awaitRunning(job, 0);
    Thread opener = Thread.ofVirtual().start(this::openGateQuietly);
    assertThat(cancel(job, "[[1, 8]]", false)).contains("cancelled");
    assertThat(job.await().get("items").get("failed").longValue()).isZero();
    opener.interrupt();
  }

  private void openGateQuietly() {
    LastingService.pause();
    try {
      openGate();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void itemsThatAJobDoesNotHaveAreRefused() {
    RunningJob job = service.job().python("def f(x): return x").open().submit();
    Answer beyond = post(job, "{\"items\": [[0, 1]]}");
    assertThat(beyond.status()).isEqualTo(422);
    assertThat(beyond.body()).contains("/items/0", "the number of items, which is 0");
    assertThat(post(job, "{}").status()).isEqualTo(400);
    assertThat(post(job, "{\"items\": [[3, 3]]}").status()).isEqualTo(400);
    assertThat(post(job, "{\"items\": [[0, 2], [1, 3]]}").body()).contains("/items/1", "overlaps");
    assertThat(post(job, "{\"items\": [[0, 1.5]]}").status()).isEqualTo(400);
    Answer many = post(job, "{\"items\": " + ranges(1_001) + "}");
    assertThat(many.status()).isEqualTo(400);
    assertThat(many.body()).contains("/items", "at most 1000 may be in one request");
    assertThat(post(job, "{\"items\": [[0, 1]], \"now\": true}").status()).isEqualTo(400);
    RunningJob waiting =
        service.job().python("def f(x): return x").range(3).after(job.id()).submit();
    assertThat(post(waiting, "{\"items\": [[0, 1]]}").status()).isEqualTo(409);
    waiting.cancelled();
    job.cancelled();
  }

  /** Returns ranges of one item each, which do not touch. */
  private static String ranges(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "[" + 2 * i + ", " + (2 * i + 1) + "]")
        .collect(Collectors.joining(", ", "[", "]"));
  }

  // ---- a job whose item waits

  /** Submits a job of which the last item runs first, until the gate is opened. */
  private RunningJob submitGated(int items, int gated) {
    RunningJob job =
        service
            .job()
            .python(
                """
                import os, time
                def f(x):
                    while x == %d and not os.path.exists('%s'): time.sleep(0.01)
                    return x * 10
                """
                    .formatted(gated, directory.resolve("gate")))
            .range(items)
            .workers(1)
            .chunk(1)
            .order("reversed")
            .submit();
    awaitRunning(job, gated);
    return job;
  }

  private static void awaitRunning(RunningJob job, long item) {
    Awaitility.await().until(() -> job.item(item).get("state").stringValue().equals("RUNNING"));
  }

  private void openGate() throws IOException {
    Files.createFile(directory.resolve("gate"));
  }

  private String cancel(RunningJob job, String items, boolean force) {
    Answer answer = post(job, "{\"items\": " + items + ", \"force\": " + force + "}");
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    return StreamSupport.stream(answer.json().get("items").spliterator(), false)
        .map(item -> item.get("range") + " " + item.get("state").stringValue())
        .collect(Collectors.joining(", "));
  }

  private Answer post(RunningJob job, String body) {
    return service.post(job.path() + "/items/cancel", body);
  }
}
