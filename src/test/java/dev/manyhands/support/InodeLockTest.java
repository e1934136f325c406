package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class InodeLockTest {
  @TempDir private Path directory;

  @Test
  void aFileIsHeldUnderEachOfItsNamesUntilItIsClosed() throws Exception {
    Path file = directory.resolve("file");
    Path link = directory.resolve("link");
    try (var lock = InodeLock.claim(file)) {
      assertThat(lock).isNotNull();
      Files.createLink(link, file);
      assertThatThrownBy(() -> InodeLock.claim(link)).isInstanceOf(InodeLock.HeldException.class);
      assertThat(InodeLock.isHeld(link)).isTrue();
    }
    assertThat(InodeLock.isHeld(link)).isFalse();
    try (var again = InodeLock.claim(link)) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  void itOutlivesOthersThatCloseTheFile() throws Exception {
    Path file = directory.resolve("file");
    try (var lock = InodeLock.claim(file)) {
      assertThat(lock).isNotNull();
      FileChannel.open(file).close();
      assertThat(InodeLock.isHeld(file)).isTrue();
    }
  }

  @Test
  void aFileThatCannotBeOpenedIsNamed() {
    Path nowhere = directory.resolve("none").resolve("file");
    assertThatThrownBy(() -> InodeLock.claim(nowhere))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(nowhere.toString());
  }

  /** A process that is being started has a copy of each descriptor until its program begins. */
  @Test
  void aClosedLockIsGoneWhileProcessesAreStarted() throws Exception {
    Path file = directory.resolve("file");
    var starters = new ArrayList<Thread>();
    var isOver = new AtomicBoolean();
    for (int i = 0; i < 3; i++) {
      starters.add(
          Thread.ofPlatform()
              .start(() -> {
                while (!isOver.get()) {
                  try {
                    new ProcessBuilder("true").start().waitFor();
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                }
              }));
    }
    try {
      for (int i = 0; i < 20_000; i++) {
        Objects.requireNonNull(InodeLock.claim(file)).close();
      }
    } finally {
      isOver.set(true);
      for (var starter : starters) {
        starter.join();
      }
    }
  }
}
