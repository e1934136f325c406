package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A backup of the embedded store, made and restored by the lines of docs/how-to/backup.md. */
class BackupIT {
  private static final String JOBS = "/api/v1/jobs/";
  private static final String PRINTING = "def f(x):\n    print('saw', x)\n    return x * x";

  @TempDir private Path gates;
  private Map<String, String> page;

  @BeforeEach
  void read() throws IOException {
    Requirements.python();
    page = Pasted.scripts("docs/how-to/backup.md");
  }

  @Test
  void aBackupOfARunningServiceHoldsAllOfOneMoment() throws Exception {
    Path open = gates.resolve("open");
    Path backup = Service.newDirectory().resolve("backup");
    String ended;
    String running;
    String later;
    List<JsonNode> results;
    try (var service = Service.start(Service.newDirectory())) {
      assertThat(
              service
                  .put(
                      "/api/v1/functions/triple",
                      "{\"runtime\": \"python\", \"code\": \"def triple(x): return 3 * x\"}")
                  .status())
          .isEqualTo(201);
      ended = service.run(Service.python(PRINTING, range(5_000))).get("id").stringValue();
      results = service.results(ended);
      awaitLogged(service, ended, "saw 4999");
      running = service.submit(gated(open));
      awaitDone(service, running, 60);

      run("backup", service, service.directory.resolve("data"), backup);

      assertThat(done(service, running)).as("it ran all the time").isBetween(60L, 119L);
      later = service.run(Service.python(PRINTING, "[1]")).get("id").stringValue();
      service.killMinus9();
      Files.createFile(open);

      Path restored = Service.newDirectory();
      run("restore", service, restored.resolve("data"), backup);
      try (var again = Service.start(restored)) {
        assertThat(again.get(JOBS + ended).json().get("state").stringValue())
            .isEqualTo("SUCCEEDED");
        assertThat(again.results(ended)).isEqualTo(results);
        assertThat(again.get(JOBS + ended + "/log").body()).contains("item 4999] saw 4999\n");
        assertThat(again.await(running).get("state").stringValue()).isEqualTo("SUCCEEDED");
        assertThat(again.results(running).stream().map(JsonNode::longValue))
            .containsExactlyElementsOf(LongStream.range(0, 120).boxed().toList());
        assertThat(again.get(JOBS + later).status()).isEqualTo(404);
        var tripled = again.run("{\"function\": \"triple\", \"inputs\": [14]}");
        assertThat(tripled.get("result").toString()).isEqualTo("[42]");
      }
    }
  }

  /** Items from 60 on wait for a file; chunks are small, so that many are recorded by then. */
  private static String gated(Path open) {
    String code =
        "import os, time\ndef f(x):\n    while x >= 60 and not os.path.exists(%s): time.sleep(0.01)\n    return x"
            .formatted(Service.quote(open.toString()));
    return Service.python(code, range(120), "\"workers\": 1", "\"chunking\": {\"size\": 5}");
  }

  private void run(String part, Service service, Path data, Path backup) throws Exception {
    Pasted.run("data=%s backup=%s\n%s".formatted(data, backup, page.get(part)), service);
  }

  private static void awaitDone(Service service, String id, long items) {
    while (done(service, id) < items) {
      assertThat(service.get(JOBS + id + "?wait=0.05").json().get("finishedAt").isNull()).isTrue();
    }
  }

  private static long done(Service service, String id) {
    return service.get(JOBS + id).json().get("items").get("done").longValue();
  }

  /** Lines are written a moment after they were printed. */
  private static void awaitLogged(Service service, String id, String line) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!service.get(JOBS + id + "/log").body().contains(line)) {
      assertThat(System.nanoTime()).as("the log lacks " + line).isLessThan(deadline);
    }
  }

  private static String range(int stop) {
    return "{\"range\": {\"stop\": " + stop + "}}";
  }
}
