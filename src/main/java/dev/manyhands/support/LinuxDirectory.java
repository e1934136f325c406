package dev.manyhands.support;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A directory by its descriptor. Each character of a name is one byte, in any encoding. */
final class LinuxDirectory implements DirectoryHandle {
  /** The encoding of paths in this system. */
  static final Charset PATHS = Charset.forName(System.getProperty("sun.jnu.encoding"));

  /** The least size of an entry, because most file systems allocate whole blocks. */
  private static final long BLOCK_BYTES = 4096;

  private static final int ALL_FOR_THE_OWNER = 0700;
  private static final int SHOWN_LENGTH = 100;

  // struct linux_dirent64, equal on all machines; see getdents(2).
  private static final long READ_BYTES = 32 << 10;
  private static final long RECORD_LENGTH = 16;
  private static final long NAME = 19;

  // struct statx, equal on all machines; see statx(2).
  private static final long STATX_BYTES = 256;
  private static final long NLINK = 16;
  private static final long MODE = 28;
  private static final long BLOCKS = 48;
  private static final int FORMAT = 0xF000;
  private static final int DIRECTORY = 0x4000;
  private static final long STATX_BLOCK_BYTES = 512;

  private final int descriptor;

  /** Holds the buffer; null before the first entry is read. Owned by the reading thread. */
  private @Nullable Arena arena;

  private MemorySegment buffer = MemorySegment.NULL;

  /** The next entry in the buffer. The buffer is read up to {@code end}. */
  private long position;

  private long end;

  private LinuxDirectory(int descriptor) {
    this.descriptor = descriptor;
  }

  static LinuxDirectory open(Path directory) throws IOException {
    String path = bytes(directory);
    return new LinuxDirectory(check(FileCalls.openPath(path), path));
  }

  private static String bytes(Path path) {
    return new String(path.toString().getBytes(PATHS), StandardCharsets.ISO_8859_1);
  }

  @Override
  public String name(Path path) {
    return bytes(path.getFileName());
  }

  @Override
  public LinuxDirectory open(String name) throws IOException {
    return new LinuxDirectory(check(FileCalls.open(descriptor, name), name));
  }

  @Override
  public LinuxDirectory openUp(String name) throws IOException {
    int opened = FileCalls.open(descriptor, name);
    if (opened == -FileCalls.EACCES) {
      opened = openedUp(name);
    }
    check(opened, name);
    // A directory of another user stays as it is. The next step fails and reports it.
    int ignored = FileCalls.changeMode(opened, ALL_FOR_THE_OWNER);
    return new LinuxDirectory(opened);
  }

  /**
   * Opens a directory that may not be read. It is first opened as a place only, which nobody can
   * replace any more.
   */
  private int openedUp(String name) {
    int place = FileCalls.openPlace(descriptor, name);
    if (place < 0) {
      return place;
    }
    try {
      int changed = FileCalls.changeModeOfPlace(place, ALL_FOR_THE_OWNER);
      return changed < 0 ? -FileCalls.EACCES : FileCalls.open(place, ".");
    } finally {
      FileCalls.close(place);
    }
  }

  @Override
  public @Nullable String next() throws IOException {
    while (true) {
      if (position == end) {
        if (arena == null) {
          arena = Arena.ofConfined();
          buffer = arena.allocate(READ_BYTES, Long.BYTES);
        }
        position = 0;
        end = 0;
        end = check(FileCalls.read(descriptor, buffer), "the entries of a directory");
        if (end == 0) {
          return null;
        }
      }
      String name = buffer.getString(position + NAME, StandardCharsets.ISO_8859_1);
      position += Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT, position + RECORD_LENGTH));
      if (!name.equals(".") && !name.equals("..")) {
        return name;
      }
    }
  }

  @Override
  public void rewind() throws IOException {
    position = end;
    check(FileCalls.rewind(descriptor), "the entries of a directory");
  }

  @Override
  public @Nullable Entry look(String name) throws IOException {
    try (var once = Arena.ofConfined()) {
      MemorySegment statx = once.allocate(STATX_BYTES, Long.BYTES);
      int looked = FileCalls.look(descriptor, name, statx);
      if (looked == -FileCalls.ENOENT) {
        return null;
      }
      check(looked, name);
      boolean isDirectory = (statx.get(ValueLayout.JAVA_SHORT, MODE) & FORMAT) == DIRECTORY;
      long bytes = statx.get(ValueLayout.JAVA_LONG, BLOCKS) * STATX_BLOCK_BYTES;
      int names = isDirectory ? 1 : Math.max(1, statx.get(ValueLayout.JAVA_INT, NLINK));
      return new Entry(Math.max(bytes / names, BLOCK_BYTES), isDirectory);
    }
  }

  @Override
  public void make(String name) throws IOException {
    check(FileCalls.makeDirectory(descriptor, name, ALL_FOR_THE_OWNER), name);
  }

  @Override
  public boolean removeFile(String name) throws IOException {
    int removed = FileCalls.removeFile(descriptor, name);
    if (removed == -FileCalls.EISDIR) {
      return false;
    }
    return removed == -FileCalls.ENOENT || check(removed, name) == 0;
  }

  @Override
  public boolean removeDirectory(String name) throws IOException {
    int removed = FileCalls.removeDirectory(descriptor, name);
    return switch (-removed) {
      case FileCalls.ENOTEMPTY, FileCalls.EEXIST, FileCalls.ENOTDIR -> false;
      case FileCalls.ENOENT -> true;
      default -> check(removed, name) == 0;
    };
  }

  @Override
  public boolean move(String name, DirectoryHandle to, String newName) throws IOException {
    int target = ((LinuxDirectory) to).descriptor;
    int moved = FileCalls.move(descriptor, name, target, newName);
    return switch (-moved) {
      case FileCalls.ENOTEMPTY, FileCalls.EEXIST, FileCalls.ENOTDIR, FileCalls.EISDIR -> false;
      default -> check(moved, name) == 0;
    };
  }

  @Override
  public int descriptor() {
    return descriptor;
  }

  private static int check(int result, String name) throws IOException {
    if (result >= 0) {
      return result;
    }
    String shown = shown(name);
    throw switch (-result) {
      case FileCalls.ENOENT -> new NoSuchFileException(shown);
      case FileCalls.EACCES, FileCalls.EPERM -> new AccessDeniedException(shown);
      case FileCalls.EEXIST -> new FileAlreadyExistsException(shown);
      case FileCalls.ENOTDIR, FileCalls.ELOOP -> new NoDirectoryException(shown);
      default -> new FileSystemException(shown, null, "error " + -result);
    };
  }

  /** Returns a name in a form that is safe to print, because functions choose names. */
  private static String shown(String name) {
    String start = name.length() > SHOWN_LENGTH ? name.substring(0, SHOWN_LENGTH) + "..." : name;
    return start.replaceAll("[^ -~]", "?");
  }

  @Override
  public void close() {
    FileCalls.close(descriptor);
    if (arena != null) {
      arena.close();
    }
  }
}
