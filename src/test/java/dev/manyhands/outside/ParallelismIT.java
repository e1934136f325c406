package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers, threads, and which items go first. */
@RunningService
@Isolated("compares times")
class ParallelismIT {
  private static final String WAITS =
      """
      import time
      def f(x):
          time.sleep(0.05)
          return x * 2
      """;
  private static final String COMPUTES =
      """
      def f(x):
          n = 0
          for i in range(400_000): n += i
          return x * 2
      """;

  private final Service service;

  ParallelismIT(Service service) {
    this.service = service;
  }

  @Test
  void threadsHelpItemsThatWait() {
    var alone = withThreads(1, WAITS, 40);
    var together = withThreads(8, WAITS, 80);
    assertThat(speedup(alone)).isBetween(0.3, 1.1);
    assertThat(speedup(together)).isGreaterThan(3 * speedup(alone)).isLessThan(8.5);
  }

  /**
   * The margins are wide: a thread cannot distinguish waits for other programs from other waits.
   * The least is the share of a processor that a busy machine leaves to one thread.
   */
  @Test
  void threadsDoNotHelpPythonThatComputesAndTheJobShowsIt() {
    var alone = withThreads(1, COMPUTES, 60);
    var together = withThreads(8, COMPUTES, 60);
    assertThat(speedup(alone)).isBetween(0.3, 1.1);
    assertThat(speedup(together)).isBetween(0.02, 4.0);
    assertThat(elapsed(alone) / elapsed(together)).isLessThan(3);
  }

  private FinishedJob withThreads(int threads, String code, int items) {
    var job = service.job().python(code).range(items).workers(1).threads(threads).run();
    assertDoubled(job, items);
    assertThat(job.get("workersUsed").intValue()).isEqualTo(1);
    return job;
  }

  private static double speedup(FinishedJob job) {
    return job.get("speedup").doubleValue();
  }

  private static double elapsed(FinishedJob job) {
    return job.get("elapsedSeconds").doubleValue();
  }

  @Test
  void workersAndThreadsTogether() {
    var job = service.job().python(WAITS).range(100).workers(2).threads(5).run();
    assertDoubled(job, 100);
    assertThat(job.get("workersUsed").intValue()).isEqualTo(2);
  }

  @Test
  void javaFunctionsHaveThreadsToo() {
    var job = service.job().named("io_heavy").repeat(0.05, 60).workers(1).threads(6).run();
    assertThat(job).hasState(SUCCEEDED);
    assertThat(speedup(job)).isGreaterThan(2);
  }

  @Test
  void aCrashAmongThreadsCostsOneItem() {
    String code =
        """
        import os, time
        def f(x):
            time.sleep(0.01)
            if x == 33: os._exit(3)
            return x
        """;
    var job = service.job().python(code).range(100).threads(8).run();
    assertThat(job).hasSucceeded(99).hasErrors(1).hasErrorKindAt(33, "CRASH").hasAttemptsAt(33, 2);
  }

  @Test
  void aSlowItemAmongThreadsIsTheOnlyOneThatTimesOut() {
    String code =
        """
        import time
        def f(x):
            time.sleep(60 if x == 17 else 0.02)
            return x
        """;
    var job = service.job().python(code).range(60).threads(6).itemTimeout(0.5).run();
    assertThat(job)
        .hasSucceeded(59)
        .hasErrors(1)
        .hasErrorKindAt(17, "TIMEOUT")
        .hasAttemptsAt(17, 1);
  }

  @Test
  void threadsAndSeedGiveTheSameNumbersAsOneAtATime() {
    String code = "import manyhands\ndef f(x): return [x, manyhands.rng().random()]";
    var serial = service.job().python(code).range(50).workers(1).seed(7).run();
    var threads = service.job().python(code).range(50).threads(7).seed(7).run();
    assertThat(threads.results()).isEqualTo(serial.results());
  }

  @Test
  void aCommandOfLinesTakesNoThreads() {
    var answer = service.job().command("cat").inputs(1).threads(2).post();
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
        .isEqualTo("/threads");
  }

  @ParameterizedTest
  @ValueSource(strings = {"input", "reversed", "shuffled"})
  void resultsAreInInputOrderWhateverGoesFirst(String order) {
    String code = "import time\ndef f(x):\n  time.sleep(0.001)\n  return x * 2";
    var job = service.job().python(code).range(300).order(order).run();
    assertDoubled(job, 300);
  }

  private static void assertDoubled(FinishedJob job, int count) {
    assertThat(job)
        .hasState(SUCCEEDED)
        .hasResults(LongStream.range(0, count).map(x -> 2 * x).boxed().toList());
  }
}
