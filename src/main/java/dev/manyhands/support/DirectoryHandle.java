package dev.manyhands.support;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is held open, with operations on its entries. No operation follows a link. Every
 * operation concerns this very directory, even after it was moved. A path would be looked up again
 * each time, and another process may have put a link on the way.
 *
 * <p>Valid names are those that {@link #next} returns, and plain ASCII ones. The thread that calls
 * {@link #next} must also call {@link #rewind} and {@link #close}. All other methods are safe for
 * use by any thread.
 */
public interface DirectoryHandle extends AutoCloseable {
  /**
   * The size and kind of an entry.
   *
   * @param bytes at least a block, because names and inodes take room too. On Linux, holes take
   *     none, and a file with several names counts in equal parts for each name. Elsewhere, the
   *     whole length of the file counts for each name
   */
  record Entry(long bytes, boolean isDirectory) {}

  /** Thrown for an entry that is no directory, or no longer one: a link or a file. */
  final class NoDirectoryException extends IOException {
    private static final long serialVersionUID = 1L;

    NoDirectoryException(String message) {
      super(message);
    }
  }

  /**
   * Opens a directory by its path. Links in the path are followed, so it is for paths that nobody
   * else can change.
   */
  static DirectoryHandle open(Path directory) throws IOException {
    return FileCalls.areThere()
        ? LinuxDirectory.open(directory)
        : StreamedDirectory.open(directory);
  }

  /** Returns the last name of a path. */
  String name(Path path);

  /** Opens a directory in this one. */
  DirectoryHandle open(String name) throws IOException;

  /**
   * Opens a directory in this one, and gives the owner of the opened directory all rights to it,
   * where the system allows this.
   */
  DirectoryHandle openUp(String name) throws IOException;

  /**
   * Returns the name of the next entry; null at the end. Entries that are removed meanwhile may be
   * included.
   */
  @Nullable String next() throws IOException;

  /** Makes {@link #next} begin again. */
  void rewind() throws IOException;

  /** Returns the size and kind of an entry; null if the entry is gone. */
  @Nullable Entry look(String name) throws IOException;

  /** Makes a directory that only its owner may use. The name must be unused. */
  void make(String name) throws IOException;

  /**
   * Removes an entry that is no directory. Does nothing if there is no such entry.
   *
   * @return false if the entry is a directory
   */
  boolean removeFile(String name) throws IOException;

  /**
   * Removes an empty directory. Does nothing if there is no such entry.
   *
   * @return false if the directory is not empty, or the entry is no directory
   */
  boolean removeDirectory(String name) throws IOException;

  /**
   * Moves an entry to another directory on the same disk. May replace a file or an empty directory
   * that has the new name.
   *
   * @return false if an entry with the new name is in the way
   */
  boolean move(String name, DirectoryHandle to, String newName) throws IOException;

  /** Returns the descriptor of the open directory; negative where there is none. */
  int descriptor();

  @Override
  void close();
}
