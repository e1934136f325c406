package dev.manyhands.engine.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.support.DirectoryHandle;
import dev.manyhands.support.SwappedNames;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskUseTest {
  private static final long NO_LIMIT = Long.MAX_VALUE;
  private static final long LOOKS_NANOS = TimeUnit.SECONDS.toNanos(3);

  @TempDir private Path directory;
  private Path root;

  @BeforeEach
  void make() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
  }

  private long use(long limitBytes) throws IOException, DiskUse.HiddenException {
    try (var opened = DirectoryHandle.open(root)) {
      return DiskUse.of(opened, limitBytes);
    }
  }

  @Test
  void eachEntryCountsAtLeastABlock() throws Exception {
    Files.writeString(Files.createDirectories(root.resolve("a/b")).resolve("file"), "x");
    assertThat(use(NO_LIMIT)).isEqualTo(3 * 4096);
  }

  @Test
  void holesTakeNoRoomAndNamesShareIt() throws Exception {
    try (var sparse = new RandomAccessFile(root.resolve("sparse").toFile(), "rw")) {
      sparse.setLength(1L << 30);
    }
    assertThat(use(NO_LIMIT)).isEqualTo(4096);
    Path file = Files.write(root.resolve("file"), new byte[64 << 10]);
    long one = use(NO_LIMIT);
    Files.createLink(root.resolve("again"), file);
    assertThat(use(NO_LIMIT)).isEqualTo(one).isGreaterThan(64 << 10);
  }

  @Test
  void countsNoFurtherThanBeyondTheLimit() throws Exception {
    for (int i = 0; i < 10; i++) {
      Files.createDirectory(root.resolve("directory-" + i));
    }
    assertThat(use(4 * 4096)).isEqualTo(5 * 4096);
  }

  @Test
  void whatLiesTooDeepIsHidden() throws Exception {
    Files.createDirectories(root.resolve("d/".repeat(100)));
    assertThat(use(NO_LIMIT)).isEqualTo(100 * 4096);
    Files.createDirectories(root.resolve("d/".repeat(101)));
    assertThatThrownBy(() -> use(NO_LIMIT)).isInstanceOf(DiskUse.HiddenException.class);
  }

  @Test
  void whatIsBehindALinkIsNeverCounted() throws Exception {
    Path victim = Files.createDirectory(directory.resolve("victim"));
    for (int i = 0; i < 100; i++) {
      Files.createDirectory(victim.resolve("directory-" + i));
    }
    Path inner = Files.createDirectory(root.resolve("directory"));
    Path link = Files.createSymbolicLink(root.resolve("link"), victim);
    long looks = 0;
    try (var names = new SwappedNames(inner, link)) {
      for (long end = System.nanoTime() + LOOKS_NANOS; System.nanoTime() < end; looks++) {
        names.awaitSwap();
        assertThat(use(NO_LIMIT)).as("after %s looks", looks).isLessThanOrEqualTo(2 * 4096);
      }
    }
  }
}
