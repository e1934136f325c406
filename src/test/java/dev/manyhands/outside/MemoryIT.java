package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How much memory items held, and what becomes of those that found none because of others. */
@RunningService({"manyhands.workers.slots=2", "manyhands.workers.memory=300MB"})
class MemoryIT {
  private static final long MB = 1_000_000;

  /** Starts a process that holds 120 MB for three seconds, long enough to be seen. */
  private static final String CHILD =
      """
      import subprocess, sys
      hold = "b = bytearray(120_000_000)\\nimport time; time.sleep(3)"
      def f(x):
          if x >= 0: subprocess.run([sys.executable, "-c", hold])
          return x
      """;

  private final Service service;

  MemoryIT(Service service) {
    this.service = service;
  }

  private JsonNode of(FinishedJob job, String what) {
    return service.get(job.path() + what).json();
  }

  private static long peakOfItem(FinishedJob job, int index) {
    return job.item(index).get("peakRss").longValue();
  }

  @Test
  void theMostThatAWorkerHeldIsShown() {
    String code = "def f(x): return len(bytearray(x))";
    var large = service.job().python(code).inputs(150_000_000).memory("250MB").run();
    assertThat(peakOfItem(large, 0)).isBetween(150 * MB, 230 * MB);
    assertThat(of(large, "/timeline").get("bars").get(0).get("peakRss").longValue())
        .isEqualTo(peakOfItem(large, 0));
    var report = of(large, "/report");
    assertThat(report.get("peakRss").longValue()).isEqualTo(peakOfItem(large, 0));
    // The worker is still warm. Memory that it held before does not count for this job.
    var small = service.job().python(code).inputs(10).memory("250MB").run();
    assertThat(small.item(0).get("pid")).isEqualTo(large.item(0).get("pid"));
    assertThat(peakOfItem(small, 0)).isBetween(MB, 60 * MB);
  }

  @Test
  void whatAnItemHasStartedCountsWhenItIsSeen() {
    var job = service.job().python(CHILD).inputs(1).run();
    assertThat(peakOfItem(job, 0)).isGreaterThan(120 * MB);
  }

  @Test
  void javaWorkersTellItAndLinesAreWatched() {
    var java = service.job().named("check_prime").inputs(7, 8).run();
    assertThat(peakOfItem(java, 1)).isGreaterThan(10 * MB);
    String sleeps = "while read x; do sleep $x; echo $x; done";
    var lines = service.job().command("sh", "-c", sleeps).inputs(3).run();
    assertThat(peakOfItem(lines, 0)).as("%s", lines).isGreaterThan(MB / 2);
  }

  @Test
  void anItemThatDiesOfMemoryIsTriedAgainAloneAndTheOthersAreInnocent() {
    String code =
        """
        import subprocess, sys
        hold = "b = bytearray(120_000_000)\\nimport time; time.sleep(60)"
        def f(x):
            if x == 30:
                for child in [subprocess.Popen([sys.executable, "-c", hold]) for i in range(3)]:
                    child.wait()
            return x
        """;
    var job = service.job().python(code).range(60).workers(1).maxFailures(1).run();
    assertThat(job).hasSucceeded(59);
    var item = job.item(30);
    assertThat(item.get("error").get("kind").stringValue()).isEqualTo("OOM");
    assertThat(item.get("attempts").intValue()).isEqualTo(2);
    assertThat(item.get("chunk").get("items").toString()).isEqualTo("[30,31]");
    assertThat(item.get("peakRss").longValue()).isGreaterThan(300 * MB);
    for (int innocent : List.of(0, 29, 31, 59)) {
      assertThat(job.item(innocent).get("attempts").intValue()).isEqualTo(1);
    }
  }

  @Test
  void itemsThatAreTooMuchTogetherSucceedAlone() {
    var job = service.job().python(CHILD).range(3).threads(3).chunk(3).run();
    assertThat(job).hasState(SUCCEEDED);
    for (int i = 0; i < 3; i++) {
      var item = job.item(i);
      assertThat(item.get("attempts").intValue()).isEqualTo(1);
      assertThat(item.get("chunk").get("items").toString())
          .isEqualTo("[%d,%d]".formatted(i, i + 1));
    }
  }

  @Test
  void anItemThatFoundNoMemoryBesideOthersIsTriedAgainAlone() {
    String code =
        """
        import threading
        together = threading.Barrier(3)
        def f(x):
            try:
                together.wait(2)
            except threading.BrokenBarrierError:
                pass
            data = bytearray(110_000_000)
            try:
                together.wait(2)
            except threading.BrokenBarrierError:
                pass
            return len(data)
        """;
    for (String reduce : List.of("list", "sum")) {
      var job = service.job().python(code).range(3).threads(3).chunk(3).reduce(reduce).run();
      assertThat(job).hasState(SUCCEEDED);
    }
  }
}
