package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The functions of {@link Service} that tests use to look into the log of a service. */
class ServiceTest {
  /** Prints many lines, then one more, then answers by making a file. */
  private static final String PRINTS_THEN_ANSWERS =
      """
      echo 'Tomcat started on port 1 (http)'
      yes '' | head -c 1000000
      echo the last line
      : > answered
      exec sleep 60
      """;

  @Test
  void aLineThatIsPrintedBeforeAnAnswerIsThereWithTheAnswer(@TempDir Path directory) {
    try (var service =
        Service.startAs(List.of("sh", "-c", PRINTS_THEN_ANSWERS), directory, List.of())) {
      while (!Files.exists(directory.resolve("answered"))) {
        Thread.onSpinWait();
      }
      assertThat(service.log()).endsWith("the last line\n");
    }
  }
}
