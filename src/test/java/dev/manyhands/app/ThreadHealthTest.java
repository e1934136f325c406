package dev.manyhands.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The health of a real service whose threads end, one after the other. */
class ThreadHealthTest {
  /**
   * Threads that may end. Each executor replaces its thread when there is work, and a preparation
   * is done once.
   */
  private static final Pattern MAY_END =
      Pattern.compile(
          "memo|reductions|worker-launcher|worker-cleaner|scratch-cleaner|result-reader-.*"
              + "|python-.*|java-.*|start-report|main");

  /** Threads of the JVM and of libraries. */
  private static final Pattern NOT_OURS =
      Pattern.compile(
          "http-.*|Catalina.*|container-.*|store-readers.*|HikariPool.*|Reference Handler|Finalizer"
              + "|Signal Dispatcher|Common-Cleaner|Notification Thread|process reaper.*|Attach Listener"
              + "|DestroyJavaVM|VirtualThread.*|ForkJoinPool.*|CompletableFutureDelay.*|Thread-.*"
              + "|mysql.*|RMI .*|Monitor Ctrl-Break|PostgreSQL-.*|Java2D.*|JFR.*|logback-.*");

  @TempDir private static Path directory;
  private static List<String> printed;

  @BeforeAll
  static void endThreads() throws Exception {
    Path output = directory.resolve("output");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ThreadsTrial.class.getName(),
                "--server.port=0",
                "--manyhands.data-dir=" + directory.resolve("data"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = process.waitFor();
    printed = Files.readAllLines(output);
    assertThat(status).as("%s", String.join("\n", printed)).isZero();
  }

  private static List<String> after(String word) {
    return printed.stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .toList();
  }

  @Test
  void healthIsDownFromTheEndOfAnEssentialThread() {
    var expected = new ArrayList<>(List.of("nothing: UP []"));
    var ended = new TreeSet<String>();
    for (String name : ThreadsTrial.ESSENTIAL) {
      ended.add(name);
      expected.add(name + ": DOWN " + ended);
    }
    assertThat(after("ended")).as("%s", String.join("\n", printed)).isEqualTo(expected);
  }

  /** A new thread is essential, or the service can do without it: its author decides. */
  @Test
  void eachThreadIsEssentialOrMayEnd() {
    assertThat(after("thread"))
        .containsAll(ThreadsTrial.ESSENTIAL)
        .filteredOn(name -> !NOT_OURS.matcher(name).matches())
        .allMatch(name -> ThreadsTrial.ESSENTIAL.contains(name) || MAY_END.matcher(name).matches());
  }
}
