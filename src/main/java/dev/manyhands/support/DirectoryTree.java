package dev.manyhands.support;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Deletes directories with all that is in them, such as user code left behind. That may be nested
 * deeper than a path can be long, or closed to its owner; so directories are opened up first, and
 * moved to the top before they are looked into: no path is ever longer than two names.
 */
public final class DirectoryTree {
  /** More than any tree is deep; only a process that still writes makes as many necessary. */
  private static final int MOST_PASSES = 1_000_000;

  private final Path root;
  private long moved;

  private DirectoryTree(Path root) {
    this.root = root;
  }

  /**
   * Deletes a directory with all that is in it, or a file; links are deleted, not followed. Does
   * nothing if there is none.
   *
   * @throws IOException if something is left
   */
  public static void delete(Path root) throws IOException {
    if (Files.isDirectory(root, NOFOLLOW_LINKS)) {
      new DirectoryTree(root).empty();
    }
    Files.deleteIfExists(root);
  }

  private void empty() throws IOException {
    open(root);
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      boolean isEmpty = true;
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
        for (Path entry : entries) {
          isEmpty = false;
          remove(entry);
        }
      }
      if (isEmpty) {
        return;
      }
    }
    throw new DirectoryNotEmptyException(root.toString());
  }

  private void remove(Path entry) throws IOException {
    if (Files.isDirectory(entry, NOFOLLOW_LINKS)) {
      open(entry);
      try (DirectoryStream<Path> children = Files.newDirectoryStream(entry)) {
        for (Path child : children) {
          if (Files.isDirectory(child, NOFOLLOW_LINKS)) {
            open(child); // else it could not be moved
            Files.move(child, unused(), StandardCopyOption.ATOMIC_MOVE);
          } else {
            Files.deleteIfExists(child);
          }
        }
      }
    }
    Files.deleteIfExists(entry);
  }

  private static void open(Path directory) throws IOException {
    try {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException notOurs) {
      // If it is closed to us, the next step fails and says so.
    }
  }

  private Path unused() {
    Path name;
    do {
      name = root.resolve(".moved-" + moved++);
    } while (Files.exists(name, NOFOLLOW_LINKS));
    return name;
  }
}
