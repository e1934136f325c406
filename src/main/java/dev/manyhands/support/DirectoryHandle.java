package dev.manyhands.support;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is held open, and what can be done with its entries. No operation follows a
 * link, and each concerns this very directory, wherever it has been moved: a path would be looked
 * up again each time, and somebody else may have put a link on the way.
 *
 * <p>Names are those that {@link #next} gives, and plain ASCII ones. Only {@link #next} and {@link
 * #rewind} are bound to one thread.
 */
public interface DirectoryHandle extends AutoCloseable {
  /**
   * What takes room on a disk.
   *
   * @param bytes at least a block, because names and inodes take room too; holes take none, and a
   *     file with several names counts in equal parts for each
   */
  record Entry(long bytes, boolean isDirectory) {}

  /** It is as no directory should be: a link, a file, or what has become one meanwhile. */
  final class NoDirectoryException extends IOException {
    private static final long serialVersionUID = 1L;

    NoDirectoryException(String message) {
      super(message);
    }
  }

  /**
   * Opens a directory by its path, on which links are followed: for paths that nobody else can
   * change.
   */
  static DirectoryHandle open(Path directory) throws IOException {
    return FileCalls.areThere()
        ? LinuxDirectory.open(directory)
        : StreamedDirectory.open(directory);
  }

  /** The last name of a path. */
  String name(Path path);

  /** Opens a directory in this one. */
  DirectoryHandle open(String name) throws IOException;

  /** The same; gives its owner all rights to it first. */
  DirectoryHandle openUp(String name) throws IOException;

  /** The name of the next entry; null at the end. What is removed meanwhile may be among them. */
  @Nullable String next() throws IOException;

  /** Has {@link #next} begin again. */
  void rewind() throws IOException;

  /** Looks at an entry; null if it is gone. */
  @Nullable Entry look(String name) throws IOException;

  /** Makes a directory that only its owner may use, where there is nothing of this name. */
  void make(String name) throws IOException;

  /**
   * Removes what is no directory. Does nothing if there is nothing.
   *
   * @return false if it is a directory
   */
  boolean removeFile(String name) throws IOException;

  /**
   * Removes an empty directory. Does nothing if there is nothing.
   *
   * @return false if it is not empty, or no directory
   */
  boolean removeDirectory(String name) throws IOException;

  /**
   * Moves an entry to another directory on the same disk.
   *
   * @return false if something else has that name there
   */
  boolean move(String name, DirectoryHandle to, String newName) throws IOException;

  /** The number of the open file; negative where there is none. */
  int descriptor();

  @Override
  void close();
}
