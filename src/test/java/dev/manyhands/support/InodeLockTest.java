package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
