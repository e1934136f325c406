package dev.manyhands.engine.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rights of a thread behind a fence. */
class FenceTest {
  @TempDir private Path top;

  private Path data;
  private Path own;
  private Path readable;

  @BeforeEach
  void lay() throws IOException {
    assumeTrue(Landlock.version() >= 3, "this kernel has no Landlock of version 3");
    top = top.toRealPath();
    data = top.resolve("way/data");
    own = Files.createDirectories(data.resolve("scratch/own"));
    readable = Files.createDirectories(data.resolve("readable"));
    Files.writeString(data.resolve("store"), "secret");
    Files.writeString(readable.resolve("bundle"), "code");
    Files.writeString(Files.createDirectory(top.resolve("beside")).resolve("file"), "x");
    Files.writeString(top.resolve("way/file"), "x");
  }

  /** By a thread that then ends: nothing gives it back what it has given up. */
  private <T> T behind(Fence fence, Callable<T> work) throws Exception {
    var done = new CompletableFuture<T>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            fence.enclose(List.of(own));
            done.complete(work.call());
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    return done.get();
  }

  private static boolean refuses(Callable<?> work) throws Exception {
    try {
      work.call();
      return false;
    } catch (AccessDeniedException refused) {
      return true;
    }
  }

  @Test
  void onlyWhatIsForWorkersIsOpen() throws Exception {
    var fence = new Fence(data, List.of(readable), List.of());
    boolean asExpected =
        behind(
            fence,
            () -> {
              assertThat(refuses(() -> Files.readString(data.resolve("store")))).isTrue();
              assertThat(refuses(() -> Files.writeString(data.resolve("new"), "x"))).isTrue();
              assertThat(refuses(() -> Files.writeString(readable.resolve("new"), "x"))).isTrue();
              assertThat(refuses(() -> Files.createDirectory(top.resolve("way/new")))).isTrue();
              assertThat(Files.readString(readable.resolve("bundle"))).isEqualTo("code");
              Files.writeString(own.resolve("mine"), "x");
              Files.move(own.resolve("mine"), top.resolve("beside/moved"));
              Files.writeString(top.resolve("way/file"), "changed");
              return true;
            });
    assertThat(asExpected).isTrue();
    // No other thread has given up any rights.
    assertThat(Files.readString(data.resolve("store"))).isEqualTo("secret");
  }

  @Test
  void whatComesLaterIsForThoseThatComeLater() throws Exception {
    var fence = new Fence(data, List.of(), List.of());
    Path later = top.resolve("way/later");
    boolean sawIt =
        behind(
            fence,
            () -> {
              Thread.ofPlatform().start(() -> write(later)).join();
              // It has inherited the fence, as a process would.
              return Files.exists(later);
            });
    assertThat(sawIt).isFalse();
    write(later);
    assertThat(behind(fence, () -> Files.readString(later))).isEqualTo("x");
  }

  private static void write(Path file) {
    try {
      Files.writeString(file, "x");
    } catch (IOException e) {
      // The caller looks.
    }
  }

  @Test
  void aReadableDirectoryAroundTheDataDoesNotOpenThem() throws Exception {
    var fence = new Fence(data, List.of(top, data), List.of());
    assertThat(behind(fence, () -> refuses(() -> Files.readString(data.resolve("store")))))
        .isTrue();
  }

  @Test
  void theFilesOfTheServiceAreForReadingAlsoAroundItsData() throws Exception {
    Path cache = Files.writeString(top.resolve("way/cache"), "code");
    for (Path installation : List.of(top.resolve("way"), top)) {
      var fence = new Fence(data, List.of(readable), List.of(installation));
      boolean asExpected =
          behind(
              fence,
              () -> {
                assertThat(Files.readString(cache)).isEqualTo("code");
                assertThat(refuses(() -> Files.writeString(cache, "x"))).isTrue();
                assertThat(refuses(() -> Files.createDirectory(top.resolve("new")))).isTrue();
                assertThat(refuses(() -> Files.readString(data.resolve("store")))).isTrue();
                Files.writeString(own.resolve("mine"), "x");
                return true;
              });
      assertThat(asExpected).isTrue();
    }
    var beside = new Fence(data, List.of(), List.of(top.resolve("beside")));
    assertThat(
            behind(beside, () -> refuses(() -> Files.writeString(top.resolve("beside/file"), "y"))))
        .isTrue();
    assertThat(behind(beside, () -> Files.writeString(cache, "changed"))).isEqualTo(cache);
  }

  /** Below the home directory, because there is no rule below a directory for everybody. */
  @Test
  void filesThatTheirOwnerCouldMakeWritableAreForReading() throws Exception {
    Path home = Path.of(System.getProperty("user.home")).toRealPath();
    assumeTrue(Files.isWritable(home), "this user has no home directory");
    Path installation = Files.createTempDirectory(home, "installation");
    Path jar = Files.writeString(installation.resolve("a.jar"), "code");
    try {
      Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("r--r--r--"));
      Files.setPosixFilePermissions(installation, PosixFilePermissions.fromString("r-xr-xr-x"));
      List<Path> unchangeable = Confinement.unchangeable(installation);
      assertThat(unchangeable).containsExactly(installation);
      var fence = new Fence(data, List.of(), unchangeable);
      boolean refused =
          behind(
              fence,
              () -> {
                Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
                return refuses(() -> Files.writeString(jar, "changed"));
              });
      assertThat(refused).isTrue();
    } finally {
      Files.setPosixFilePermissions(installation, PosixFilePermissions.fromString("rwx------"));
      Files.delete(jar);
      Files.delete(installation);
    }
  }

  @Test
  void thereIsNoRuleBelowADirectoryForEverybodyNorForFilesOfOthers() throws Exception {
    Path shared = Files.createDirectory(top.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path installation = Files.createDirectory(shared.resolve("installation"));
    assertThat(Confinement.unchangeable(installation)).isEmpty();
    assertThat(Confinement.unchangeable(null)).isEmpty();
    Path ofRoot = Path.of("/usr/bin");
    if (!Files.isWritable(ofRoot)) {
      assertThat(Confinement.unchangeable(ofRoot)).isEmpty();
    }
  }

  @Test
  void controlGroupsAndDevicesAreForReading() throws Exception {
    var fence = new Fence(data, List.of(), List.of());
    // Root may write to it, and without these words nothing changes.
    Path setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    assumeTrue(Files.exists(setting), "this kernel has no huge pages");
    String before = Files.readString(setting);
    assertThat(behind(fence, () -> refuses(() -> opened(setting)))).isTrue();
    assertThat(behind(fence, () -> Files.readString(setting))).isEqualTo(before);
  }

  private static boolean opened(Path file) throws IOException {
    Files.newOutputStream(file).close();
    return true;
  }

  @Test
  void aProcessCanStillMeasureItsMemory() throws Exception {
    var fence = new Fence(data, List.of(), List.of());
    Path reset = Path.of("/proc/self/clear_refs");
    assertThat(behind(fence, () -> refuses(() -> opened(reset)))).isFalse();
  }

  @Test
  void theTrialFindsThatItWorksHere() {
    assertThat(FenceTrial.fault(data)).isNull();
  }
}
