package dev.manyhands.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The peak of memory in Python workers, with a kernel that the test scripts. */
class PythonMemoryTest {
  private static final String SCRIPT =
      """
      import sys, types
      sys.path.insert(0, "src/main/python/manyhands_worker")
      import start
      memory = start.load("memory")

      faults, peak, held, reads = 0, 900, 500, 0

      def read(fd, size, offset):
          global reads
          reads += 1
          return b"VmHWM: %d kB\\nVmRSS: %d kB\\n" % (peak, held)

      def usage(who):
          return types.SimpleNamespace(ru_minflt=faults, ru_majflt=0)

      peaks = memory.PeakMemory(read, lambda fd, data: None, usage)

      def job(items, results):
          peaks.begin_job()
          peaks.begin_chunk(items)
          return peaks.member(results), reads

      print(job(10, 10))
      peak, held = 500, 400
      print(job(10, 10))
      faults += 1
      print(job(10, 10))
      print(job(20000, 10))
      print(job(10, 10))
      print(job(10, 20000))
      print(job(10, 10), job(10, 10))
      """;

  /** A read is left out only while the last one is still true. */
  @Test
  void memoryIsReadAfterPageFaultsAndLargeItemsOrResults() throws Exception {
    var python = new ProcessBuilder("python3", "-c", SCRIPT).redirectErrorStream(true).start();

    assertThat(new String(python.getInputStream().readAllBytes(), UTF_8))
        .isEqualTo(
            """
            (',"rss":921600', 1)
            (',"rss":512000', 1)
            (',"rss":512000', 2)
            (',"rss":512000', 3)
            (',"rss":512000', 4)
            (',"rss":512000', 5)
            (',"rss":512000', 6) (',"rss":409600', 6)
            """);
  }
}
