package dev.manyhands.engine.worker.sandbox;

import dev.manyhands.engine.worker.sandbox.Landlock.Access;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps workers out of the service's data by {@link Landlock}. Lets them only read {@code /sys} and
 * the files that the service runs from. All other files stay accessible to them.
 *
 * <p>Landlock can allow but not forbid, and a right that a directory has holds for everything below
 * it. Therefore the rules allow every other entry of each directory on the way to such files, one
 * by one. Workers can neither list nor change the directories on the way. Entries that are created
 * later are accessible only to workers that start later.
 *
 * <p>Immutable; safe for use by any thread.
 */
final class Fence {
  private static final Path ROOT = Path.of("/");

  /**
   * Control groups and devices. A function that writes there could make the kernel freeze or kill
   * the service. {@code /proc} stays open, because workers measure their memory by writing to
   * {@code /proc/self/clear_refs}. A rule cannot name a process that does not exist yet.
   */
  private static final Path KERNEL = Path.of("/sys");

  private final Path dataDirectory;
  private final List<Path> readable;
  private final List<Path> unchangeable;

  /**
   * @param dataDirectory the directory that is hidden from workers; it must exist
   * @param readable paths in the data directory that workers may read; need not exist yet
   * @param unchangeable other paths that workers may only read; must exist
   */
  Fence(Path dataDirectory, List<Path> readable, List<Path> unchangeable) throws IOException {
    this.dataDirectory = dataDirectory.toRealPath();
    this.readable = List.copyOf(readable);
    var real = new ArrayList<Path>();
    for (Path path : unchangeable) {
      real.add(path.toRealPath());
    }
    this.unchangeable = real;
  }

  /**
   * Confines the calling thread and all that it starts from now on, for ever.
   *
   * @param own the paths in the data directory that belong to the worker
   * @throws IOException if the thread cannot be confined; its rights are then unchanged
   */
  void enclose(List<Path> own) throws IOException {
    List<Path> hidden = withAliases(List.of(dataDirectory));
    var forReading = new ArrayList<>(withAliases(unchangeable));
    forReading.add(KERNEL);
    try (var rules = new Landlock()) {
      new Walk(hidden, forReading, rules).allow(ROOT, Access.ALL);
      allowWithin(readable, Access.READ, rules);
      allowWithin(own, Access.ALL, rules);
      rules.enforce();
    }
  }

  private static List<Path> withAliases(List<Path> paths) throws IOException {
    var all = new ArrayList<Path>();
    for (Path path : paths) {
      all.add(path);
      all.addAll(MountAliases.of(path));
    }
    return all;
  }

  /** Makes the rules for all files but the hidden ones. */
  private record Walk(List<Path> hidden, List<Path> forReading, Landlock rules) {

    /** Allows this access to all entries of a directory, as far as the lists permit. */
    void allow(Path directory, Access access) throws IOException {
      try (var entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          if (hidden.contains(entry)) {
            continue;
          }
          Access most = forReading.contains(entry) ? Access.READ : access;
          if (isOnTheWay(entry)) {
            allow(entry, most);
          } else {
            rules.allow(entry, most);
          }
        }
      } catch (AccessDeniedException unlistable) {
        // The entries are unknown, so that none is allowed.
      } catch (NoSuchFileException | NotDirectoryException gone) {
        // The alias was unmounted.
      }
    }

    private boolean isOnTheWay(Path entry) {
      return Stream.concat(hidden.stream(), forReading.stream())
          .anyMatch(path -> path.startsWith(entry) && !path.equals(entry));
    }
  }

  private void allowWithin(List<Path> paths, Access access, Landlock rules) throws IOException {
    for (Path path : paths) {
      // A path outside of the data directory is allowed already. A directory that contains the data
      // must not be allowed.
      if (Files.exists(path)) {
        Path real = path.toRealPath();
        if (real.startsWith(dataDirectory) && !real.equals(dataDirectory)) {
          rules.allow(real, access);
        }
      }
    }
  }
}
