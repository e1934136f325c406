package dev.manyhands.engine.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.manyhands.engine.worker.sandbox.Landlock;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchDirectoryTest {
  @TempDir private Path data;

  @Test
  void beginsEmptyAndIsMadeIfNeedBe() throws Exception {
    Path path = data.resolve("new/scratch");
    try (var scratch = ScratchDirectory.emptied(path)) {
      assertThat(scratch.make("worker-1").home()).isEmptyDirectory();
    }
    Files.writeString(path.resolve("worker-1/home/left"), "x");
    try (var scratch = ScratchDirectory.emptied(path)) {
      assertThat(scratch.path()).isEmptyDirectory();
    }
  }

  @Test
  void aLinkInItsPlaceIsRemovedAndNotFollowed() throws Exception {
    Path kept = Files.writeString(Files.createDirectory(data.resolve("kept")).resolve("file"), "x");
    Path path = Files.createSymbolicLink(data.resolve("scratch"), kept.getParent());
    try (var scratch = ScratchDirectory.emptied(path)) {
      assertThat(Files.isSymbolicLink(path)).isFalse();
      scratch.make("worker-1");
    }
    assertThat(kept.getParent().toFile().list()).containsExactly("file");
  }

  @Test
  void aWorkerHasADirectoryOfItsOwnOrNone() throws Exception {
    Path elsewhere = Files.createDirectory(data.resolve("elsewhere"));
    try (var scratch = ScratchDirectory.emptied(data.resolve("scratch"))) {
      Files.createSymbolicLink(scratch.path().resolve("worker-1"), elsewhere);
      assertThatThrownBy(() -> scratch.make("worker-1")).isInstanceOf(IOException.class);
      scratch.delete("worker-1");
      WorkerDirectory made = scratch.make("worker-1");
      assertThat(Files.getPosixFilePermissions(made.path()).size())
          .as("for its owner")
          .isEqualTo(3);
      made.delete();
      assertThat(scratch.path()).isEmptyDirectory();
    }
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void itsCleanerCanChangeNothingElse() throws Exception {
    assumeTrue(Landlock.version() >= 3, "this kernel has no Landlock of version 3");
    Path outside = Files.writeString(data.resolve("file"), "kept");
    Path directory = Files.createDirectory(data.resolve("directory"));
    try (var scratch = ScratchDirectory.emptied(data.resolve("scratch"))) {
      Path own = scratch.make("worker-1").home();
      List<ThrowingCallable> changes =
          List.of(
              () -> Files.delete(outside),
              () -> Files.delete(directory),
              () -> Files.writeString(outside, "x"),
              () -> Files.write(outside, new byte[0], StandardOpenOption.TRUNCATE_EXISTING),
              () -> Files.writeString(directory.resolve("new"), "x"),
              () -> Files.createDirectory(directory.resolve("new")),
              () -> Files.createSymbolicLink(directory.resolve("new"), outside),
              () -> Files.move(outside, data.resolve("moved")),
              () -> Files.move(outside, own.resolve("moved")),
              () -> Files.createLink(own.resolve("linked"), outside));
      for (ThrowingCallable change : changes) {
        scratch.clean(all ->
            assertThatThrownBy(change)
                .as("change %s", changes.indexOf(change))
                .isInstanceOf(FileSystemException.class));
      }
      scratch.clean(all -> assertThat(Files.readString(outside)).isEqualTo("kept"));
      scratch.clean(all -> Files.writeString(own.resolve("file"), "x"));
      assertThat(own.resolve("file")).exists();
    }
    assertThat(directory).isEmptyDirectory();
    // No other thread has given up anything.
    Files.delete(outside);
  }
}
