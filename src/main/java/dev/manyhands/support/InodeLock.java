package dev.manyhands.support;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A lock on a file itself, whichever of its names leads to it. It is an open file description lock
 * of Linux ({@code fcntl(2)}, {@code F_OFD_SETLK}). The lock is on a byte beyond the end of any
 * file, so it disturbs no other lock. Locks of {@link java.nio.channels.FileChannel} would not do:
 * they end when any code in this process, even a library, closes a descriptor of the file.
 *
 * <p>Close the lock last, after all other code in this process has closed the file. Closing it ends
 * all locks of the older kind that this process holds on the file.
 */
public final class InodeLock implements AutoCloseable {
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final int MODE = 0644;

  /** A position beyond the end of any file. */
  private static final long PLACE = 1L << 62;

  // struct flock, equal on all 64-bit machines; whence (SEEK_SET) and pid stay 0.
  private static final long BYTES = 32;
  private static final long START = 8;
  private static final long LENGTH = 16;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;

  private final int descriptor;

  private InodeLock(int descriptor) {
    this.descriptor = descriptor;
  }

  /** Thrown when another lock, of this process or another, holds the file. */
  public static final class HeldException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Makes the file if necessary, and locks it until the lock is closed.
   *
   * @return null where the system, or the file system, has no locks of this kind
   * @throws HeldException if the file is locked already
   * @throws IOException if the file cannot be opened
   */
  public static @Nullable InodeLock claim(Path file) throws IOException, HeldException {
    if (!FileCalls.areThere()) {
      return null;
    }
    int descriptor = open(file);
    int result = call(descriptor, F_OFD_SETLK, F_WRLCK);
    if (result < 0) {
      FileCalls.close(descriptor);
      if (result == -FileCalls.EAGAIN || result == -FileCalls.EACCES) {
        throw new HeldException();
      }
      return null;
    }
    return new InodeLock(descriptor);
  }

  /**
   * Whether a lock of this kind is on an existing file. Must not be called by a process that has
   * the file open in another way: the call ends locks of the older kind.
   */
  public static boolean isHeld(Path file) throws IOException {
    if (!FileCalls.areThere()) {
      return false;
    }
    int descriptor = open(file);
    try {
      return call(descriptor, F_OFD_GETLK, F_WRLCK) == F_WRLCK;
    } finally {
      FileCalls.close(descriptor);
    }
  }

  private static int open(Path file) throws IOException {
    String path =
        new String(file.toString().getBytes(LinuxDirectory.PATHS), StandardCharsets.ISO_8859_1);
    int descriptor = FileCalls.openFile(path, MODE);
    if (descriptor == -FileCalls.EACCES) {
      throw new AccessDeniedException(file.toString());
    }
    if (descriptor < 0) {
      throw new IOException(file + " cannot be opened (error " + -descriptor + ")");
    }
    return descriptor;
  }

  /**
   * Calls {@code fcntl(2)} for this lock. Returns a negative error, or, after {@code F_OFD_GETLK},
   * the kind of the lock in the way.
   */
  private static int call(int descriptor, int command, short kind) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment flock = arena.allocate(BYTES);
      flock.set(ValueLayout.JAVA_SHORT, 0, kind);
      flock.set(ValueLayout.JAVA_LONG, START, PLACE);
      flock.set(ValueLayout.JAVA_LONG, LENGTH, 1);
      int result = FileCalls.lock(descriptor, command, flock);
      return result < 0 ? result : flock.get(ValueLayout.JAVA_SHORT, 0);
    }
  }

  @Override
  public void close() {
    // A process that is being started still has a copy of the descriptor, which would keep the
    // lock.
    call(descriptor, F_OFD_SETLK, F_UNLCK);
    FileCalls.close(descriptor);
  }
}
