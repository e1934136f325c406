package dev.manyhands.engine.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A machine that has run out of something is no verdict on a function. */
class WorkerLauncherTest {

  @ParameterizedTest
  @MethodSource
  void shortagesBlameNoJob(Exception failure) {
    assertThat(WorkerLauncher.isShortage(failure)).isTrue();
  }

  static Stream<Exception> shortagesBlameNoJob() {
    return Stream.of(
        new IOException("Cannot run program \"python3\": error=24, Too many open files"),
        new IOException("Cannot run program \"python3\": Exec failed, error: 11 (unavailable)"),
        new FileSystemException("/scratch/worker-7", null, "error 24"),
        new FileSystemException("/scratch/worker-7", null, "Too many open files"),
        new FileSystemException("/scratch/worker-7", null, "Too many open files in system"),
        new FileSystemException("/scratch/worker-7", null, "Cannot allocate memory"),
        new IOException("Resource temporarily unavailable"));
  }

  @ParameterizedTest
  @MethodSource
  void otherFailuresAreTriedAFewTimes(Exception failure) {
    assertThat(WorkerLauncher.isShortage(failure)).isFalse();
  }

  static Stream<Exception> otherFailuresAreTriedAFewTimes() {
    return Stream.of(
        new IOException("Cannot run program \"python3\": error=2, No such file or directory"),
        new FileSystemException("/scratch/worker-7", null, "error 240"),
        new NoSuchFileException("/scratch/worker-7"),
        new IOException());
  }
}
