package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The examples answer as their versions with {@code multiprocessing} do. */
@RunningService("manyhands.workers.slots=4")
class ExamplesIT {
  private static final Path EXAMPLES = Path.of("src/examples").toAbsolutePath();
  private static final Path CLIENT = Path.of("src/client/python/src").toAbsolutePath();

  private final Service service;

  ExamplesIT(Service service) {
    this.service = service;
  }

  @Test
  void bothWaysOfEachExampleAgree() throws Exception {
    List<Path> examples;
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      examples =
          files
              .filter(file -> file.toString().endsWith(".py") && !file.endsWith("both_ways.py"))
              .sorted()
              .toList();
    }
    assertThat(examples).hasSizeGreaterThan(5);
    for (Path example : examples) {
      assertThat(printed(example))
          .as(example.getFileName().toString())
          .containsPattern("manyhands +[0-9.]+ s ")
          .containsPattern("multiprocessing +[0-9.]+ s ")
          .endsWith("\nexit 0");
    }
  }

  private String printed(Path example) throws Exception {
    var builder = new ProcessBuilder("python3", example.toString()).redirectErrorStream(true);
    builder.environment().put("PYTHONPATH", CLIENT.toString());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder.environment().put("MANYHANDS_URL", service.uri("").toString());
    var process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.print(printed);
    return printed + "\nexit " + process.waitFor();
  }
}
