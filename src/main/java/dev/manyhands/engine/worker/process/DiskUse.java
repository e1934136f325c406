package dev.manyhands.engine.worker.process;

import dev.manyhands.support.DirectoryHandle;
import java.io.IOException;
import java.nio.file.AccessDeniedException;

/**
 * The disk space that a directory takes: the blocks of all that is in it, at least one for each
 * entry. Files that were removed and are still open are not counted. Links are not followed, nor
 * are links that replace a directory between two looks.
 */
final class DiskUse {
  /**
   * Limit for the nesting of directories. Each is an open file while the directories below it are
   * counted. Deeper ones cannot be counted.
   */
  private static final int MOST_LEVELS = 100;

  /** A part of the directory cannot be read. */
  static final class HiddenException extends Exception {
    private static final long serialVersionUID = 1L;

    HiddenException(String message) {
      super(message);
    }
  }

  private final long limitBytes;
  private long bytes;

  private DiskUse(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /**
   * Returns the bytes. Stops counting once they exceed the limit. Holds only the directories on the
   * way to the present one, because a directory may have a million entries.
   *
   * @throws HiddenException if a directory cannot be read, or is nested too deep
   */
  static long of(DirectoryHandle root, long limitBytes) throws HiddenException {
    var use = new DiskUse(limitBytes);
    try {
      use.add(root, 0);
    } catch (AccessDeniedException closed) {
      throw new HiddenException("a directory in it cannot be read");
    } catch (IOException goneMeanwhile) {
      // The next count includes whatever is still there.
    }
    return use.bytes;
  }

  private void add(DirectoryHandle directory, int depth) throws HiddenException, IOException {
    for (String name = directory.next();
        name != null && bytes <= limitBytes;
        name = directory.next()) {
      var entry = directory.look(name);
      if (entry != null) {
        bytes += entry.bytes();
        if (entry.isDirectory() && bytes <= limitBytes) {
          addBelow(directory, name, depth + 1);
        }
      }
    }
  }

  private void addBelow(DirectoryHandle parent, String name, int depth) throws HiddenException {
    if (depth > MOST_LEVELS) {
      throw new HiddenException("directories in it are nested too deeply");
    }
    try (var directory = parent.open(name)) {
      add(directory, depth);
    } catch (AccessDeniedException closed) {
      throw new HiddenException("a directory in it cannot be read");
    } catch (IOException changedMeanwhile) {
      // The next count includes whatever is still there.
    }
  }
}
