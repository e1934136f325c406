package dev.manyhands.outside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system of its own on a directory, which can be full: a tmpfs in a private mount namespace,
 * held by a process of ours. Processes that use it are started in this namespace. Linux only, as
 * root only.
 */
final class SmallDisk implements AutoCloseable {
  private static final String ROOMY = "256m";

  private final Path directory;
  private final Process keeper;

  SmallDisk(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
    String script = "mount -t tmpfs -o size=" + ROOMY + " tmpfs \"$0\" && echo ready && exec cat";
    keeper =
        new ProcessBuilder("unshare", "--mount", "sh", "-c", script, directory.toString()).start();
    // It also ends with us: its input is then at an end.
    String said = keeper.inputReader().readLine();
    if (!"ready".equals(said)) {
      throw new IOException("a tmpfs cannot be mounted: needs root, and leave to mount");
    }
  }

  /** Whether there can be one here. */
  static boolean isPossible(Path scratch) {
    try (var disk = new SmallDisk(scratch.resolve("probe"))) {
      return disk.keeper.isAlive();
    } catch (IOException e) {
      return false;
    }
  }

  Path directory() {
    return directory;
  }

  /**
   * Returns a command that starts a program so that it sees the disk, in this working directory.
   */
  List<String> launcher(Path workingDirectory) {
    return List.of(
        "nsenter",
        "--mount",
        "--target",
        Long.toString(keeper.pid()),
        "sh",
        "-c",
        "cd \"$0\" && exec \"$@\"",
        workingDirectory.toString());
  }

  /** Makes it so small that nothing more fits in. */
  void fill() {
    // Again, where something was written between the look and the change.
    remount("$(df -k --output=used \"$0\" | tail -n 1 | tr -d ' ')k");
  }

  /** Makes it this large, such as {@code 20m}. */
  void leave(String size) {
    remount(size);
  }

  void makeRoom() {
    remount(ROOMY);
  }

  private void remount(String size) {
    String script =
        "for try in 1 2 3 4 5; do mount -o remount,size="
            + size
            + " \"$0\" && exit 0; done; exit 1";
    var command =
        List.of(
            "nsenter",
            "--mount",
            "--target",
            Long.toString(keeper.pid()),
            "sh",
            "-c",
            script,
            directory.toString());
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new IllegalStateException(said);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    keeper.destroyForcibly();
    keeper.onExit().join();
  }
}
