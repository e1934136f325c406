package dev.manyhands.support;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;

/**
 * Calls the Linux kernel for files below an open directory. The calls are made by number, because
 * not every C library offers all of them. Each character of a name is one byte. A negative result
 * is the negated number of an error.
 */
final class FileCalls {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EEXIST = 17;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int ENOTEMPTY = 39;
  static final int ELOOP = 40;

  /** Stands for a directory: paths begin at the working directory. */
  static final int AT_FDCWD = -100;

  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;
  private static final int TYPE_NLINK_BLOCKS = 0x1 | 0x4 | 0x400;

  /**
   * The values that differ between machines: the numbers of calls, and two flags of {@code
   * open(2)}.
   *
   * @param directory opens directories only
   * @param noFollow opens no symbolic link
   */
  private record Machine(
      int openat,
      int close,
      int lseek,
      int getdents64,
      int statx,
      int mkdirat,
      int unlinkat,
      int renameat2,
      int fchmod,
      int fchmodat,
      int fcntl,
      int directory,
      int noFollow) {}

  private static final Map<String, Machine> MACHINES =
      Map.of(
          "amd64", new Machine(257, 3, 8, 217, 332, 258, 263, 316, 91, 268, 72, 0x10000, 0x20000),
          "aarch64", new Machine(56, 57, 62, 61, 291, 34, 35, 276, 52, 53, 25, 0x4000, 0x8000));

  private FileCalls() {}

  /**
   * Whether the numbers of this machine are known. No other method here may be called otherwise.
   */
  static boolean areThere() {
    return System.getProperty("os.name").equals("Linux")
        && MACHINES.containsKey(System.getProperty("os.arch"));
  }

  /** Opens a file to read and write, and makes it if necessary. Links in the path are followed. */
  static int openFile(String path, int mode) {
    int flags = O_RDWR | O_CREAT | O_CLOEXEC;
    return withName(path, at -> call(Linux.MACHINE.openat, AT_FDCWD, at, flags, mode, 0));
  }

  /**
   * Sets a lock, or asks about one.
   *
   * @param flock as {@code fcntl(2)} lays it out
   */
  static int lock(int descriptor, int command, MemorySegment flock) {
    return call(Linux.MACHINE.fcntl, descriptor, command, flock.address(), 0, 0);
  }

  /** Opens a directory by a path. Links in the path are followed. */
  static int openPath(String path) {
    return withName(
        path,
        at -> call(Linux.MACHINE.openat, AT_FDCWD, at, Linux.MACHINE.directory | O_CLOEXEC, 0, 0));
  }

  /** Opens a directory in another one, unless it is a link. */
  static int open(int directory, String name) {
    int flags = Linux.MACHINE.directory | Linux.MACHINE.noFollow | O_CLOEXEC;
    return withName(name, at -> call(Linux.MACHINE.openat, directory, at, flags, 0, 0));
  }

  /**
   * Opens the place of a directory in another one. Unlike {@link #open}, this needs no right to
   * read the directory.
   */
  static int openPlace(int directory, String name) {
    int flags = O_PATH | Linux.MACHINE.directory | Linux.MACHINE.noFollow | O_CLOEXEC;
    return withName(name, at -> call(Linux.MACHINE.openat, directory, at, flags, 0, 0));
  }

  static void close(int descriptor) {
    int ignored = call(Linux.MACHINE.close, descriptor, 0, 0, 0, 0);
  }

  /** Sets the position of the next read to the beginning of the directory. */
  static int rewind(int descriptor) {
    return call(Linux.MACHINE.lseek, descriptor, 0, 0, 0, 0);
  }

  /** Reads the next entries, as {@code getdents64(2)} lays them out; 0 at the end. */
  static int read(int directory, MemorySegment buffer) {
    return call(Linux.MACHINE.getdents64, directory, buffer.address(), buffer.byteSize(), 0, 0);
  }

  /** Reads the state of an entry. A link is not followed. */
  static int look(int directory, String name, MemorySegment statx) {
    return withName(
        name,
        at ->
            call(
                Linux.MACHINE.statx,
                directory,
                at,
                AT_SYMLINK_NOFOLLOW,
                TYPE_NLINK_BLOCKS,
                statx.address()));
  }

  static int makeDirectory(int directory, String name, int mode) {
    return withName(name, at -> call(Linux.MACHINE.mkdirat, directory, at, mode, 0, 0));
  }

  /** Removes a file or a link. */
  static int removeFile(int directory, String name) {
    return withName(name, at -> call(Linux.MACHINE.unlinkat, directory, at, 0, 0, 0));
  }

  static int removeDirectory(int directory, String name) {
    return withName(name, at -> call(Linux.MACHINE.unlinkat, directory, at, AT_REMOVEDIR, 0, 0));
  }

  static int move(int from, String name, int to, String newName) {
    return withName(
        name,
        at -> withName(newName, then -> call(Linux.MACHINE.renameat2, from, at, to, then, 0)));
  }

  static int changeMode(int descriptor, int mode) {
    return call(Linux.MACHINE.fchmod, descriptor, mode, 0, 0, 0);
  }

  /** Changes the mode of a directory that {@link #openPlace} has opened. */
  static int changeModeOfPlace(int descriptor, int mode) {
    // The kernel resolves this name to the open directory, even if its path has changed.
    String open = "/proc/self/fd/" + descriptor;
    return withName(open, at -> call(Linux.MACHINE.fchmodat, AT_FDCWD, at, mode, 0, 0));
  }

  private interface Named {
    int call(long address);
  }

  private static int withName(String name, Named call) {
    try (var arena = Arena.ofConfined()) {
      return call.call(arena.allocateFrom(name, StandardCharsets.ISO_8859_1).address());
    }
  }

  private static int call(
      int number, long first, long second, long third, long fourth, long fifth) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linux.STATE);
      long result =
          (long) Linux.CALL.invokeExact(state, (long) number, first, second, third, fourth, fifth);
      return result == -1 ? -(int) Linux.ERROR.get(state, 0L) : (int) result;
    } catch (Throwable e) {
      throw new LinkageError("syscall(2) cannot be called", e);
    }
  }

  /** Loaded on first use, because other systems lack these symbols. */
  private static final class Linux {
    static final Machine MACHINE =
        Objects.requireNonNull(MACHINES.get(System.getProperty("os.arch")));
    static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    static final VarHandle ERROR = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    static final MethodHandle CALL =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    Collections.nCopies(6, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new)),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
  }
}
