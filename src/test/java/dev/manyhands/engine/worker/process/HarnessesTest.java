package dev.manyhands.engine.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HarnessesTest {
  private static final Path SOURCES = Path.of("src/main/python/manyhands_worker");

  @TempDir private Path directory;

  @Test
  void everyModuleOfThePythonWorkerIsUnpacked() throws IOException {
    Path unpacked = Harnesses.unpack(directory.resolve("harness")).python();
    try (var sources = Files.list(SOURCES)) {
      for (Path source : sources.filter(file -> file.toString().endsWith(".py")).toList()) {
        assertThat(unpacked.resolve(source.getFileName())).hasSameTextualContentAs(source);
      }
    }
  }

  @Test
  void everyUserCanReadTheFilesAndOnlyTheServiceCanReplaceThem() throws IOException {
    Path harness = directory.resolve("harness");
    Harnesses.unpack(harness);
    try (var files = Files.walk(harness)) {
      for (Path file : files.toList()) {
        String mode = Files.isDirectory(file) ? "rwxr-xr-x" : "r--r--r--";
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as("%s", file)
            .isEqualTo(mode);
      }
    }
  }
}
