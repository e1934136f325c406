package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The last words of a worker in the error of an item. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LastWordsIT {
  private static final String JAVA =
      """
      package acme;
      import dev.manyhands.sdk.*;
      public final class Says implements ItemFunction<String, String> {
        public String apply(String item, Context context) throws Exception {
          System.out.println("saw " + item);
          if (item.equals("crash")) Runtime.getRuntime().halt(3);
          if (item.equals("hang")) Thread.sleep(60_000);
          return item;
        }
      }
      """;

  private static final String PYTHON =
      """
      import os, time
      def f(item):
          print("saw", item, flush=True)
          if item == "crash": os._exit(3)
          if item == "hang": time.sleep(60)
          return item
      """;

  private static final String LINES =
      """
      import os, sys, time
      for line in sys.stdin:
          os.write(2, b"saw " + line.encode())
          if "crash" in line: os._exit(3)
          if "hang" in line: time.sleep(60)
          print(line, end="", flush=True)
      """;

  private Service service;

  @BeforeAll
  void start() throws IOException {
    Requirements.python();
    Path directory = Service.newDirectory();
    Path jars = Files.createDirectories(directory.resolve("jars"));
    buildJar(jars.resolve("acme.jar"));
    service =
        Service.start(directory, "--manyhands.java.jars=" + jars, "--manyhands.workers.slots=1");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  static Stream<Map<String, Object>> functions() {
    return Stream.of(
        Map.of("runtime", "python", "code", PYTHON),
        Map.of("runtime", "java", "class", "acme.Says", "jar", "acme.jar"),
        Map.of("runtime", "command", "command", List.of("python3", "-c", LINES)));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theErrorOfAnItemShowsNothingOfAnotherJob(Map<String, Object> function) {
    for (String end : new String[] {"crash", "hang"}) {
      assertThat(run(function, "secret")).hasResult("[\"secret\"]");
      JsonNode error = run(function, end).errorAt(0);
      assertThat(error.get("traceback").stringValue())
          .as("%s", error)
          .contains("saw")
          .contains(end)
          .doesNotContain("secret");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aLateItemOfPythonShowsWhereItHung(int threads) {
    String nested = "import time\ndef g(x):\n  time.sleep(60)\ndef f(x):\n  return x and g(x)";
    var job = service.job().python(nested, "f").range(2).threads(threads).itemTimeout(1).run();
    JsonNode error = job.errorAt(1);
    assertThat(error.get("kind").stringValue()).isEqualTo("TIMEOUT");
    assertThat(error.get("traceback").stringValue())
        .containsPattern("line 3 in g\n.*line 5 in f\n");
    assertThat(job.item(1).get("seconds").doubleValue()).isBetween(0.9, 20.0);
  }

  private FinishedJob run(Map<String, Object> function, String item) {
    return service
        .job()
        .option("function", function)
        .inputs(item)
        .retryCrash(1)
        .itemTimeout(6)
        .run();
  }

  private static void buildJar(Path jar) throws IOException {
    Path work = Service.newDirectory();
    Path file = Files.writeString(work.resolve("Says.java"), JAVA);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", "target/classes", "-d", work.toString(), file.toString());
    assertThat(status).isZero();
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("acme/Says.class"));
      out.write(Files.readAllBytes(work.resolve("acme/Says.class")));
    }
  }
}
