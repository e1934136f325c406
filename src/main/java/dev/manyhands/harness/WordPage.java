package dev.manyhands.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The memory that holds the shared values and locks of a job, see {@code
 * docs/reference/worker-protocol.md}. All workers of the job map the file. Safe for use by any
 * thread. {@link ControlPage} explains the fences.
 */
final class WordPage {
  private static final int BYTES = 4096;
  private static final long VERSION = 1;

  /** Open as long as the process lives: closing the file would release all record locks. */
  private final FileChannel file;

  private final ByteBuffer words;

  private WordPage(FileChannel file, ByteBuffer words) {
    this.file = file;
    this.words = words.order(ByteOrder.nativeOrder());
  }

  /** Maps the file. */
  @SuppressWarnings("resource") // see the field
  static WordPage map(@Nullable String path) throws IOException {
    if (path == null) {
      throw new IOException("the variable MANYHANDS_SHARED is missing");
    }
    FileChannel file =
        FileChannel.open(Path.of(path), StandardOpenOption.READ, StandardOpenOption.WRITE);
    WordPage page = new WordPage(file, file.map(MapMode.READ_WRITE, 0, BYTES));
    if (page.read(0) != VERSION) {
      throw new IOException("the page of shared values has layout " + page.read(0));
    }
    return page;
  }

  long read(int word) {
    long content = words.getLong(word * Long.BYTES);
    VarHandle.acquireFence();
    return content;
  }

  void write(int word, long content) {
    VarHandle.releaseFence();
    words.putLong(word * Long.BYTES, content);
    VarHandle.releaseFence();
  }

  /**
   * Locks a word against other processes; returns null if another process has it. A thread must
   * exclude the other threads of this process before. The kernel releases a record lock when its
   * process dies, and what user code writes into the page breaks no record lock.
   */
  @Nullable FileLock tryLock(int word) {
    try {
      return file.tryLock((long) word * Long.BYTES, Long.BYTES, false);
    } catch (IOException e) {
      throw new UncheckedIOException("the page of shared locks cannot be locked", e);
    }
  }
}
