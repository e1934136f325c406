package dev.manyhands.engine.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.ChannelLimits;
import dev.manyhands.engine.worker.PoolSettings;
import dev.manyhands.engine.worker.RuntimeSettings;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.sandbox.Executables;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.function.BuiltIns;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real JVM writes the archive, and another reads it. */
class JavaArchiveTest {
  private static final List<String> OPTIONS = List.of("-XX:+UseSerialGC", "-Xshare:auto");

  @TempDir private Path directory;

  @Test
  void workersLoadTheHarnessFromItAlsoAfterAnotherServiceHasMadeIt() throws Exception {
    Path first = directory.resolve("first");
    Path made = archive(first, null, OPTIONS);
    assertThat(loadedFromArchive(first, made))
        .contains(
            "dev.manyhands.harness.WorkerMain",
            "dev.manyhands.harness.ItemThreads",
            "dev.manyhands.harness.builtin.Gcd");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
        .isEqualTo("r--r--r--");
    assertThat(made.getParent())
        .isDirectoryNotContaining(file -> !file.equals(made.toFile().toPath()));
    // An installation brings it to a service with other data.
    Path second = directory.resolve("second");
    Path brought = archive(second, first, OPTIONS);
    assertThat(brought).hasSameBinaryContentAs(made).hasFileName(made.getFileName().toString());
    assertThat(loadedFromArchive(second, brought)).contains("dev.manyhands.harness.WorkerMain");
  }

  @Test
  void otherOptionsHaveAnotherArchive() throws Exception {
    Path made = archive(directory, null, OPTIONS);
    Files.writeString(directory.resolve("archives").resolve("half.jsa.new"), "left over");
    Path other = archive(directory, null, List.of("-XX:+UseParallelGC"));
    assertThat(other).isNotEqualTo(made);
    assertThat(other.getParent().toFile().list()).containsExactly(other.toFile().getName());
  }

  @Test
  void optionsThatAllowNoArchiveLeaveNone() throws Exception {
    var options = List.of("-Xshare:off");
    try (var archive = start(directory, null, options)) {
      archive.await();
      assertThat(archive.file()).isEmpty();
    }
  }

  private Path archive(Path data, @Nullable Path installation, List<String> options)
      throws Exception {
    try (var archive = start(data, installation, options)) {
      archive.await();
      return archive.file().orElseThrow();
    }
  }

  private static JavaArchive start(Path data, @Nullable Path installation, List<String> options)
      throws IOException {
    var settings =
        new WorkerSettings(
            new PoolSettings(1, 0, Duration.ZERO, 0, 0, Duration.ZERO, Duration.ZERO),
            new ChannelLimits(1 << 20, 1 << 20),
            new RuntimeSettings(Map.of(), "python3", options, data, installation),
            data,
            data,
            WorkerLimits.NONE,
            Isolation.NONE);
    Path harness = data.resolve("harness");
    Path jar =
        Files.exists(harness)
            ? harness.resolve("manyhands-worker.jar")
            : Harnesses.unpack(harness).java();
    return JavaArchive.of(jar, settings, new WorkerEnvironment(Map.of()));
  }

  /** The classes that a worker takes from the archive while it works. */
  private List<String> loadedFromArchive(Path data, Path archive) throws Exception {
    Path jar = data.resolve("harness").resolve("manyhands-worker.jar");
    Path frames = Files.write(directory.resolve("frames"), JavaArchive.frames(jar, new BuiltIns()));
    Path log = directory.resolve("classes.log");
    Process worker =
        new ProcessBuilder(
                Executables.java().toString(),
                "-XX:SharedArchiveFile=" + archive,
                "-XX:+UseSerialGC",
                "-Xlog:class+load:file=" + log,
                "-cp",
                jar.toString(),
                "dev.manyhands.harness.WorkerMain")
            .redirectInput(frames.toFile())
            .redirectOutput(new File("/dev/null"))
            .start();
    assertThat(worker.waitFor()).isZero();
    try (Stream<String> lines = Files.lines(log)) {
      return lines
          .filter(line -> line.contains("shared objects file (top)"))
          .map(line -> line.replaceAll("^(\\[[^]]*])* *", "").replaceAll(" source:.*", ""))
          .toList();
    }
  }
}
