package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryTreeTest {
  @TempDir private Path directory;

  @Test
  void deletesAllThatIsThere() throws IOException {
    Path root = Files.createDirectories(directory.resolve("root/a/b"));
    Files.writeString(root.resolve("file"), "x");
    DirectoryTree.delete(directory.resolve("root"));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void deletesAFileAndNothing() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    DirectoryTree.delete(file);
    DirectoryTree.delete(file);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void followsNoLinks() throws IOException {
    Path kept = Files.createDirectories(directory.resolve("kept"));
    Files.writeString(kept.resolve("file"), "x");
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.createSymbolicLink(root.resolve("to"), kept);
    Files.createSymbolicLink(root.resolve("dangling"), directory.resolve("nowhere"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), kept);
    DirectoryTree.delete(root);
    DirectoryTree.delete(link);
    assertThat(root).doesNotExist();
    assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(kept.resolve("file")).exists();
  }

  @Test
  void deletesWhatNobodyMayLookInto() throws IOException {
    // Says something for all users but root, who may do all.
    Path closed = Files.createDirectories(directory.resolve("root/closed/inner"));
    Files.writeString(closed.resolve("file"), "x");
    Path outer = closed.getParent();
    assertThat(closed.toFile().setWritable(false)).isTrue();
    assertThat(outer.toFile().setReadable(false)).isTrue();
    assertThat(outer.toFile().setExecutable(false)).isTrue();
    DirectoryTree.delete(directory.resolve("root"));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void deletesWhatLiesTooDeepForAPath() throws IOException, InterruptedException {
    Path root = Files.createDirectories(directory.resolve("root"));
    String deepen =
        "import os\nfor i in range(60):\n os.mkdir('d' * 200); os.chdir('d' * 200)\n"
            + "open('file', 'w').close()";
    var python = new ProcessBuilder("python3", "-c", deepen).directory(root.toFile()).start();
    assertThat(python.waitFor()).isZero();
    DirectoryTree.delete(root);
    assertThat(directory).isEmptyDirectory();
  }
}
