package dev.manyhands.support;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Deletes directories with all that is in them, such as user code left behind. Processes of that
 * code may still change the tree meanwhile, so that only {@link DirectoryHandle}s are used, which
 * follow no link.
 *
 * <p>A tree may be nested deeper than a path can be long, or closed to its owner. So directories
 * are opened up first, and moved to the top before they are looked into: no more than four are ever
 * open. A pass over the top makes the tree one level less deep.
 */
public final class DirectoryTree {
  /** More than any tree is deep; only a process that still writes makes as many necessary. */
  private static final int MOST_PASSES = 1_000_000;

  private final DirectoryHandle root;
  private long moved;

  /** Whether the pass so far has removed or moved anything. */
  private boolean gotOn;

  /** The first failure of a pass; null if there was none. */
  private @Nullable IOException failure;

  private DirectoryTree(DirectoryHandle root) {
    this.root = root;
  }

  /**
   * Deletes a directory with all that is in it, or a file; links are deleted, not followed. Does
   * nothing if there is none.
   *
   * @param root is looked for by links on the way to it, so nobody else may change what is above it
   * @throws IOException if something is left; all that can be deleted is deleted all the same
   */
  public static void delete(Path root) throws IOException {
    Path above = Objects.requireNonNull(root.toAbsolutePath().getParent(), "not all there is");
    try (var parent = DirectoryHandle.open(above)) {
      delete(parent, parent.name(root));
    } catch (NoSuchFileException none) {
      // Nor is there anything in it.
    }
  }

  /** Deletes an entry of a directory with all that is in it, as {@link #delete(Path)} does. */
  public static void delete(DirectoryHandle parent, String name) throws IOException {
    for (int pass = 0; !parent.removeFile(name) && !parent.removeDirectory(name); pass++) {
      if (pass == MOST_PASSES) {
        throw new IOException("a process still writes to a directory that is to be deleted");
      }
      try (var root = parent.openUp(name)) {
        new DirectoryTree(root).empty();
      } catch (DirectoryHandle.NoDirectoryException | NoSuchFileException changedMeanwhile) {
        // The next look says what it is now.
      }
    }
  }

  /** Deletes all that is in a directory, and leaves the directory. */
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

  /** Removes an entry of the top, or brings what is in it up to the top. */
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
        // A directory holds the place it is in, so its owner must be let in to move it.
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

  /** One failure keeps nothing else from being removed. */
  private void attempt(Step step) {
    try {
      step.run();
    } catch (DirectoryHandle.NoDirectoryException | NoSuchFileException changedMeanwhile) {
      // The next pass sees what it is now.
      gotOn = true;
    } catch (IOException e) {
      failure = failure == null ? e : failure;
    }
  }
}
