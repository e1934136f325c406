package dev.manyhands.worker;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * What a directory takes on its disk: the blocks of all that is in it, at least one for each entry,
 * because names and inodes take room too. Holes of sparse files take none; a file with several
 * names counts in equal parts for each. Where {@code statx} is not to be had, a file counts with
 * its length. Files that were removed and are still open are not seen.
 *
 * <p>Links are not followed. While somebody changes the tree, a directory may become a link between
 * two looks; then names and sizes elsewhere may be counted, and nothing else is done with them.
 */
final class DiskUse {
  /** What an entry counts at least; what most file systems give out at once. */
  private static final long BLOCK_BYTES = 4096;

  /** Paths have to stay below 4,096 bytes for the system. */
  private static final int LONGEST_PATH = 2_000;

  /** Each is an open file while what is below it is counted. */
  private static final int MOST_LEVELS = 100;

  // struct statx, the same on all machines; see statx(2).
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int TYPE_NLINK_BLOCKS = 0x1 | 0x4 | 0x400;
  private static final long STRUCT_BYTES = 256;
  private static final long NLINK = 16;
  private static final long MODE = 28;
  private static final long BLOCKS = 48;
  private static final int FORMAT = 0xF000;
  private static final int DIRECTORY = 0x4000;
  private static final long STATX_BLOCK_BYTES = 512;

  private static final @Nullable MethodHandle STATX = statx();

  /** Something of it cannot be looked at. */
  static final class HiddenException extends Exception {
    private static final long serialVersionUID = 1L;

    HiddenException(String message) {
      super(message);
    }
  }

  /**
   * @param isDirectory and not a link to one
   */
  private record Entry(long bytes, boolean isDirectory) {}

  private final long limitBytes;

  /** Where the system writes what it says of an entry. */
  private final MemorySegment buffer;

  private long bytes;

  private DiskUse(long limitBytes, MemorySegment buffer) {
    this.limitBytes = limitBytes;
    this.buffer = buffer;
  }

  /**
   * Bytes, counted no further than beyond the limit. Holds nothing but the directories that it is
   * in: there may be a million beside each other.
   *
   * @throws HiddenException if a directory cannot be looked into, or lies too deep for that
   */
  static long of(Path root, long limitBytes) throws HiddenException {
    try (Arena arena = Arena.ofConfined()) {
      var use = new DiskUse(limitBytes, arena.allocate(STRUCT_BYTES, Long.BYTES));
      use.add(root, 0);
      return use.bytes;
    }
  }

  private void add(Path directory, int depth) throws HiddenException {
    if (depth > MOST_LEVELS || directory.toString().length() > LONGEST_PATH) {
      throw new HiddenException("directories in it are nested too deeply");
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path path : entries) {
        Entry entry = entry(path, buffer);
        bytes += entry.bytes();
        if (bytes > limitBytes) {
          return;
        }
        if (entry.isDirectory()) {
          add(path, depth + 1);
        }
      }
    } catch (AccessDeniedException closed) {
      throw new HiddenException("a directory in it cannot be read");
    } catch (IOException | DirectoryIteratorException goneMeanwhile) {
      // What is still there is counted next time.
    }
  }

  private static Entry entry(Path path, MemorySegment buffer) {
    if (STATX != null) {
      try (Arena arena = Arena.ofConfined()) {
        int failed =
            (int)
                STATX.invokeExact(
                    AT_FDCWD,
                    arena.allocateFrom(path.toString()),
                    AT_SYMLINK_NOFOLLOW,
                    TYPE_NLINK_BLOCKS,
                    buffer);
        if (failed == 0) {
          return entry(buffer);
        }
      } catch (Throwable e) {
        throw new LinkageError("statx(2) cannot be called", e);
      }
    }
    return entryByLength(path);
  }

  private static Entry entry(MemorySegment statx) {
    boolean isDirectory = (statx.get(ValueLayout.JAVA_SHORT, MODE) & FORMAT) == DIRECTORY;
    long bytes = statx.get(ValueLayout.JAVA_LONG, BLOCKS) * STATX_BLOCK_BYTES;
    int names = isDirectory ? 1 : Math.max(1, statx.get(ValueLayout.JAVA_INT, NLINK));
    return new Entry(Math.max(bytes / names, BLOCK_BYTES), isDirectory);
  }

  /** Also for names that are no text in the encoding of this process. */
  private static Entry entryByLength(Path path) {
    try {
      var attributes = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
      return new Entry(Math.max(attributes.size(), BLOCK_BYTES), attributes.isDirectory());
    } catch (IOException goneMeanwhile) {
      return new Entry(0, false);
    }
  }

  private static @Nullable MethodHandle statx() {
    var linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("statx")
        .map(symbol ->
            linker.downcallHandle(
                symbol,
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS)))
        .orElse(null);
  }
}
