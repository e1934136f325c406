package dev.manyhands.engine.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.JobId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogDirectoryTest {
  private static final JobId OURS = new JobId(new UUID(0, 1));
  private static final JobId OF_ANOTHER = new JobId(new UUID(0, 2));

  @TempDir Path logs;

  @Test
  void nothingIsMadeBeforeAJobPrints() throws Exception {
    assertThat(LogDirectory.of(logs.resolve("logs"), "a", job -> true))
        .isEqualTo(logs.resolve("logs").resolve("a"))
        .doesNotExist();
  }

  @Test
  void logsOfTheVersionBeforeMoveToTheDatabaseThatKnowsTheirJobs() throws Exception {
    Files.writeString(
        Files.createDirectory(logs.resolve(OURS.toString())).resolve("head"), "printed");
    Files.createDirectory(logs.resolve(OF_ANOTHER.toString()));

    Path directory = LogDirectory.of(logs, "a", OURS::equals);

    assertThat(directory.resolve(OURS.toString()).resolve("head")).hasContent("printed");
    assertThat(logs.resolve(OURS.toString())).doesNotExist();
    assertThat(logs.resolve(OF_ANOTHER.toString())).exists();
    Files.createDirectory(logs.resolve(OURS.toString()));
    assertThat(LogDirectory.of(logs, "a", OURS::equals)).isEqualTo(directory);
    assertThat(logs.resolve(OURS.toString())).as("a log that was copied back").exists();
    assertThat(LogDirectory.of(logs, "b", OF_ANOTHER::equals).resolve(OF_ANOTHER.toString()))
        .exists();
    assertThat(directory.resolve(OURS.toString()).resolve("head")).exists();
  }
}
