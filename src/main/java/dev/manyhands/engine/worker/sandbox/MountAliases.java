package dev.manyhands.engine.worker.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Other paths under which mounts show a directory, or parts of it: a bind mount, or a file system
 * that is mounted twice.
 */
final class MountAliases {
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  /**
   * A mounted file system.
   *
   * @param device the file system's number
   * @param root the directory of the file system that is mounted
   * @param point where the directory is visible
   */
  private record Mount(String device, Path root, Path point) {}

  private MountAliases() {}

  /**
   * Returns the other paths of this directory.
   *
   * @param directory a real path
   */
  static List<Path> of(Path directory) throws IOException {
    if (!Files.isReadable(MOUNTS)) {
      return List.of();
    }
    var found = new ArrayList<Path>();
    String mounts = new String(Files.readAllBytes(MOUNTS), Landlock.NAMES);
    for (Path alias : of(directory, mounts)) {
      // A later mount may cover the alias.
      if (Files.exists(alias)) {
        found.add(alias);
      }
    }
    return found;
  }

  /**
   * Returns the other paths of this directory by a table of mounts.
   *
   * @param mountInfo in the format of {@code /proc/self/mountinfo}
   */
  static List<Path> of(Path directory, String mountInfo) {
    List<Mount> mounts = mountInfo.lines().map(MountAliases::mount).toList();
    Mount holder = null;
    for (Mount mount : mounts) {
      if (directory.startsWith(mount.point)
          && (holder == null || mount.point.startsWith(holder.point))) {
        holder = mount;
      }
    }
    var aliases = new ArrayList<Path>();
    if (holder != null) {
      Path stored = holder.root.resolve(holder.point.relativize(directory));
      for (Mount mount : mounts) {
        Path alias = mount.device.equals(holder.device) ? alias(mount, stored) : null;
        if (alias != null && !alias.startsWith(directory)) {
          aliases.add(alias);
        }
      }
    }
    return aliases;
  }

  /** Returns where the mount shows a stored path; null if it does not show the path. */
  private static @Nullable Path alias(Mount mount, Path stored) {
    if (stored.startsWith(mount.root)) {
      return mount.point.resolve(mount.root.relativize(stored)).normalize();
    }
    return mount.root.startsWith(stored) ? mount.point : null;
  }

  /** Parses {@code 36 35 98:0 /root /point options ...}, with some characters in octal. */
  private static Mount mount(String line) {
    String[] fields = line.split(" ", 6);
    return new Mount(fields[2], Path.of(unescaped(fields[3])), Path.of(unescaped(fields[4])));
  }

  private static String unescaped(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
