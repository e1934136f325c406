package dev.manyhands.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file that one process at a time locks, and that names its holder. The system releases the lock
 * when the process ends in any way. The file stays.
 */
public final class LockFile implements AutoCloseable {
  private static final int LONGEST_NAME = 200;

  private final FileChannel channel;

  private LockFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Thrown when another process, or another part of this one, holds the file. */
  public static final class HeldException extends Exception {
    private static final long serialVersionUID = 1L;

    private HeldException(String holder) {
      super(holder);
    }

    /** Returns the name of the holder, for people. */
    public String holder() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * Makes the file if necessary, and locks it until the lock is closed.
   *
   * @throws HeldException if the file is locked already
   * @throws IOException if the file cannot be made or locked
   */
  public static LockFile claim(Path file) throws IOException, HeldException {
    var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean isOurs = false;
    try {
      isOurs = isLocked(channel);
      if (!isOurs) {
        throw new HeldException(holder(channel));
      }
      sign(channel);
      return new LockFile(channel);
    } finally {
      if (!isOurs) {
        channel.close();
      }
    }
  }

  /**
   * Returns the process that holds a file, for people; null if no process does, or there is no
   * file.
   */
  public static @Nullable String holderOf(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return isLocked(channel) ? null : holder(channel);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException heldByThisProcess) {
      return false;
    }
  }

  /** Writes the name of the holder. On a full disk, the lock is held without a name. */
  private static void sign(FileChannel channel) {
    try {
      String name =
          thisProcess() + ", since " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n";
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException nameless) {
      // The name is for people only.
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    var bytes = ByteBuffer.allocate(LONGEST_NAME);
    channel.read(bytes, 0);
    String name =
        new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII)
            .strip()
            .replaceAll("[^ -~]", "?");
    return name.isEmpty() ? "an unknown process" : name;
  }

  /** Returns a name of this process, for people who look for it. */
  public static String thisProcess() {
    String host = System.getenv("HOSTNAME");
    if (host == null || host.isBlank()) {
      try {
        host = InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException nameless) {
        host = "an unknown host";
      }
    }
    return "manyhands, pid " + ProcessHandle.current().pid() + " on " + host;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
