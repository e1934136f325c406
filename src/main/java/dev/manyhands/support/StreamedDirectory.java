package dev.manyhands.support;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A directory by the means that Java has for all systems. A file counts with its length. A
 * directory that is closed to its owner stays closed.
 */
final class StreamedDirectory implements DirectoryHandle {
  private static final Path HERE = Path.of(".");
  private static final long BLOCK_BYTES = 4096;

  private final Path path;
  private SecureDirectoryStream<Path> stream;
  private Iterator<Path> entries;

  private StreamedDirectory(Path path, SecureDirectoryStream<Path> stream) {
    this.path = path;
    this.stream = stream;
    this.entries = stream.iterator();
  }

  /**
   * @throws IOException also if this system cannot open files by their directory, because a link
   *     that is swapped in would then be followed
   */
  @SuppressWarnings("StreamResourceLeak") // closed with the handle
  static StreamedDirectory open(Path directory) throws IOException {
    var stream = Files.newDirectoryStream(directory);
    if (stream instanceof SecureDirectoryStream<Path> secure) {
      return new StreamedDirectory(directory, secure);
    }
    stream.close();
    throw new IOException(
        "this system has no way to delete files of functions that is safe from them");
  }

  @Override
  public String name(Path of) {
    return of.getFileName().toString();
  }

  @Override
  public DirectoryHandle open(String name) throws IOException {
    Path entry = Path.of(name);
    if (!stream
        .getFileAttributeView(entry, BasicFileAttributeView.class, NOFOLLOW_LINKS)
        .readAttributes()
        .isDirectory()) {
      throw new NoDirectoryException(name);
    }
    return new StreamedDirectory(path.resolve(name), opened(entry, name));
  }

  private SecureDirectoryStream<Path> opened(Path entry, String name) throws IOException {
    try {
      return stream.newDirectoryStream(entry, NOFOLLOW_LINKS);
    } catch (NotDirectoryException swapped) {
      throw new NoDirectoryException(name);
    } catch (FileSystemException e) {
      // A link causes no separate kind of exception.
      BasicFileAttributes now = attributes(entry);
      throw now == null || now.isSymbolicLink() ? new NoDirectoryException(name) : e;
    }
  }

  private @Nullable BasicFileAttributes attributes(Path entry) throws IOException {
    try {
      return stream
          .getFileAttributeView(entry, BasicFileAttributeView.class, NOFOLLOW_LINKS)
          .readAttributes();
    } catch (NoSuchFileException gone) {
      return null;
    }
  }

  @Override
  public DirectoryHandle openUp(String name) throws IOException {
    return open(name);
  }

  @Override
  public @Nullable String next() throws IOException {
    try {
      return entries.hasNext() ? entries.next().getFileName().toString() : null;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  @Override
  public void rewind() throws IOException {
    var again = stream.newDirectoryStream(HERE, NOFOLLOW_LINKS);
    stream.close();
    stream = again;
    entries = again.iterator();
  }

  @Override
  public @Nullable Entry look(String name) throws IOException {
    BasicFileAttributes attributes = attributes(Path.of(name));
    return attributes == null
        ? null
        : new Entry(Math.max(attributes.size(), BLOCK_BYTES), attributes.isDirectory());
  }

  @Override
  public void make(String name) throws IOException {
    Files.createDirectory(path.resolve(name));
  }

  @Override
  public boolean removeFile(String name) throws IOException {
    Entry entry = look(name);
    if (entry == null) {
      return true;
    }
    if (entry.isDirectory()) {
      return false;
    }
    stream.deleteFile(Path.of(name));
    return true;
  }

  @Override
  public boolean removeDirectory(String name) throws IOException {
    try {
      stream.deleteDirectory(Path.of(name));
      return true;
    } catch (NoSuchFileException gone) {
      return true;
    } catch (DirectoryNotEmptyException | NotDirectoryException notYet) {
      return false;
    }
  }

  @Override
  public boolean move(String name, DirectoryHandle to, String newName) throws IOException {
    if (to.look(newName) != null) {
      return false;
    }
    stream.move(Path.of(name), ((StreamedDirectory) to).stream, Path.of(newName));
    return true;
  }

  @Override
  public int descriptor() {
    return -1;
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      // Nothing was written through this handle.
    }
  }
}
