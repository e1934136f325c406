package dev.manyhands.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallCommandTest {
  @TempDir private Path top;

  private Layout layout;
  private Path downloaded;
  private Path library;

  @BeforeEach
  void lay() throws IOException {
    layout = new Layout(Files.createDirectory(top.resolve("place")));
    downloaded = Files.writeString(top.resolve("manyhands.jar"), "jar");
    Files.writeString(layout.jar(), "jar");
    library = Files.createDirectory(layout.libraries()).resolve("one.jar");
    Files.writeString(library, "x");
  }

  private void addLauncher(String text) throws IOException {
    Files.createDirectories(layout.launcher().resolveSibling("."));
    Files.writeString(layout.launcher(), text);
  }

  private void assertRefused(Path jar, String message) {
    assertThatThrownBy(() -> InstallCommand.clear(jar, layout))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
    assertThat(library).exists();
    assertThat(layout.jar()).exists();
  }

  @Test
  void aDirectoryThatOnlyHoldsAJarOfThatNameIsLeftAlone() throws IOException {
    assertRefused(downloaded, "is not empty, and no installation");
    assertRefused(layout.jar(), "is not empty, and no installation");
    addLauncher("#!/bin/sh\nexec somebody-elses-program\n");
    assertRefused(downloaded, "is not empty, and no installation");
  }

  @Test
  void theJarThatRunsIsNotReplaced() throws IOException {
    addLauncher("-XX:AOTCache=$home/manyhands.aot");
    assertRefused(layout.jar(), "holds the jar that is to be installed");
    Path link = Files.createSymbolicLink(top.resolve("link.jar"), layout.jar());
    assertRefused(link, "holds the jar that is to be installed");
  }

  @Test
  void theCacheOfAnEarlierInstallationIsCleared() throws IOException {
    addLauncher("-XX:AOTCache=$home/manyhands.aot");
    Files.writeString(layout.cache(), "cache");
    InstallCommand.clear(downloaded, layout);
    assertThat(layout.cache()).doesNotExist();
    assertThat(library).as("a service may run from it").exists();
    Files.delete(layout.jar());
    InstallCommand.clear(downloaded, layout);
  }

  @Test
  void filesAreReplacedAndNeverWrittenTo() throws IOException {
    Path other = Files.writeString(layout.libraries().resolve("other.jar"), "o");
    Path fresh = Files.createDirectory(top.resolve("fresh"));
    Files.writeString(fresh.resolve("one.jar"), "new");
    try (var open = Files.newInputStream(library)) {
      InstallCommand.replaceFiles(fresh, layout.libraries());
      assertThat(open.readAllBytes()).asString().isEqualTo("x");
    }
    assertThat(library).hasContent("new");
    assertThat(other).doesNotExist();
    assertThat(fresh).doesNotExist();
  }
}
