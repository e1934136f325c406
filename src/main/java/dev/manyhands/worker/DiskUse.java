package dev.manyhands.worker;

import dev.manyhands.support.DirectoryHandle;
import java.io.IOException;
import java.nio.file.AccessDeniedException;

/**
 * The disk space that a directory takes: the blocks of all that is in it, at least one for each
 * entry. Files that were removed and are still open are not counted. Links are not followed, nor
 * are links that replace a directory between two looks.
 */
final class DiskUse {
  /** Each is an open file while what is below it is counted. */
  private static final int MOST_LEVELS = 100;

  /** Something of it cannot be looked at. */
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
   * Bytes, counted no further than beyond the limit. Holds nothing but the directories that it is
   * in: there may be a million beside each other.
   *
   * @throws HiddenException if a directory cannot be looked into, or lies too deep for that
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
