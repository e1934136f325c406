package dev.manyhands.support;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Deletes directories with their whole content, such as files of user code. Processes of that code
 * may still change the tree meanwhile. The tree is therefore accessed only by {@link
 * DirectoryHandle}s, which follow no link.
 *
 * <p>A tree may be nested deeper than the longest path, or closed to its owner. Directories are
 * therefore opened to their owner first, and moved to the top before their content is read. At most
 * four directories are open at once. A pass over the top reduces the depth of the tree by one.
 */
public final class DirectoryTree {
  /**
   * More than the depth of any tree. Only a tree that a process still writes to can need more
   * passes.
   */
  private static final int MOST_PASSES = 1_000_000;

  private final DirectoryHandle root;
  private long moved;

  /** Whether the current pass has removed or moved an entry, or met an entry that had changed. */
  private boolean gotOn;

  /** The first failure of a pass; null if there was none. */
  private @Nullable IOException failure;

  private DirectoryTree(DirectoryHandle root) {
    this.root = root;
  }

  /**
   * Deletes a directory with its whole content, or a file. Links are deleted, not followed. Does
   * nothing if there is no such entry.
   *
   * @param root found by its path, in which links are followed, so nobody else may change the path
   *     above it
   * @throws IOException if something is left; all other entries are deleted even then
   */
  public static void delete(Path root) throws IOException {
    Path above = Objects.requireNonNull(root.toAbsolutePath().getParent(), "not all there is");
    try (var parent = DirectoryHandle.open(above)) {
      delete(parent, parent.name(root));
    } catch (NoSuchFileException none) {
      // Without a parent directory, there is nothing to delete.
    }
  }

  /** Deletes an entry of a directory with its whole content, as {@link #delete(Path)} does. */
  public static void delete(DirectoryHandle parent, String name) throws IOException {
    for (int pass = 0; !parent.removeFile(name) && !parent.removeDirectory(name); pass++) {
      if (pass == MOST_PASSES) {
        throw new IOException("a process still writes to a directory that is to be deleted");
      }
      try (var root = parent.openUp(name)) {
        new DirectoryTree(root).empty();
      } catch (DirectoryHandle.NoDirectoryException | NoSuchFileException changedMeanwhile) {
        // The next pass sees what the entry is now.
      }
    }
  }

  /** Deletes the content of a directory, and keeps the directory. */
  public static void empty(DirectoryHandle directory) throws IOException {
    new DirectoryTree(directory).empty();
  }

  private void empty() throws IOException {
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      boolean isEmpty = true;
      gotOn = false;
      failure = null;
      root.rewind();
      for (String name = root.next(); name != null; name = root.next()) {
        isEmpty = false;
        remove(name);
      }
      if (isEmpty) {
        return;
      }
      if (!gotOn && failure != null) {
        throw failure;
      }
    }
    throw new IOException("a process still writes to a directory that is to be deleted");
  }

  /**
   * Removes an entry of the top. If the entry is a directory with content, moves its content up to
   * the top before.
   */
  private void remove(String name) {
    attempt(() -> {
      if (isGone(root, name)) {
        return;
      }
      try (var entry = root.openUp(name)) {
        for (String child = entry.next(); child != null; child = entry.next()) {
          lift(entry, child);
        }
      }
      gotOn |= root.removeDirectory(name);
    });
  }

  private void lift(DirectoryHandle from, String name) {
    attempt(() -> {
      if (isGone(from, name)) {
        return;
      }
      try {
        move(from, name);
      } catch (AccessDeniedException closed) {
        // A directory contains a link to its parent, so its owner needs write access to move it.
        from.openUp(name).close();
        move(from, name);
      }
    });
  }

  private boolean isGone(DirectoryHandle directory, String name) throws IOException {
    boolean isGone = directory.removeFile(name) || directory.removeDirectory(name);
    gotOn |= isGone;
    return isGone;
  }

  private void move(DirectoryHandle from, String name) throws IOException {
    String unused;
    do {
      unused = ".moved-" + moved++;
    } while (!from.move(name, root, unused));
    gotOn = true;
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Runs a step. A failure does not prevent later steps. */
  private void attempt(Step step) {
    try {
      step.run();
    } catch (DirectoryHandle.NoDirectoryException | NoSuchFileException changedMeanwhile) {
      // The next pass sees what the entry is now.
      gotOn = true;
    } catch (IOException e) {
      failure = failure == null ? e : failure;
    }
  }
}
