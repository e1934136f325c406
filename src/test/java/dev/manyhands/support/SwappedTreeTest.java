package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees in which a directory and a link to other files are swapped during the work. */
class SwappedTreeTest {
  private static final long ROUNDS_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final int FILES = 10;

  @TempDir private Path directory;
  private Path victim;

  @BeforeEach
  void layOutTheVictim() throws IOException {
    victim = Files.createDirectories(directory.resolve("victim"));
    fill(victim);
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("r-xr-xr-x"));
  }

  private static void fill(Path place) throws IOException {
    for (int i = 0; i < FILES; i++) {
      Files.writeString(place.resolve("file-" + i), "x");
    }
    Files.writeString(Files.createDirectories(place.resolve("inner")).resolve("file"), "x");
  }

  @Test
  void aLinkThatIsSwappedInIsNotFollowed() throws Exception {
    Path root = directory.resolve("root");
    long rounds = 0;
    long failures = 0;
    try (var names = new SwappedNames(root.resolve("directory"), root.resolve("link"))) {
      for (long end = System.nanoTime() + ROUNDS_NANOS; System.nanoTime() < end; rounds++) {
        Path tree = Files.createDirectories(directory.resolve("next"));
        fill(Files.createDirectory(tree.resolve("directory")));
        Files.createSymbolicLink(tree.resolve("link"), victim);
        Files.move(tree, root);
        names.awaitSwap();
        failures += deletes(root) ? 0 : 1;
        assertVictimIsWhole("after " + rounds + " rounds");
      }
    }
    assertThat(failures).as("deletions that left something, of %s", rounds).isZero();
  }

  /** False if something is left; that is removed then. */
  private static boolean deletes(Path root) throws IOException {
    try {
      DirectoryTree.delete(root);
      return true;
    } catch (IOException left) {
      DirectoryTree.delete(root);
      return false;
    }
  }

  private void assertVictimIsWhole(String when) throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(victim)))
        .as(when)
        .isEqualTo("r-xr-xr-x");
    try (var files = Files.list(victim)) {
      assertThat(files.count()).as(when).isEqualTo(FILES + 1);
    }
    assertThat(victim.resolve("inner/file")).as(when).exists();
  }
}
