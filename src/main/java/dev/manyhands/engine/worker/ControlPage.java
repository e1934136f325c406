package dev.manyhands.engine.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The service's side of the memory that it shares with one worker. The layout is in
 * docs/reference/worker-protocol.md. Each word has one writer.
 *
 * <p>The worker maps the file; the service never does. A worker can truncate the file. A thread
 * that accesses a mapping beyond the end of its file gets a fault. The service therefore reads and
 * writes by the handle that it got when it created the file. It never opens another file that the
 * worker puts in its place. The words that the service writes are kept here as well, because the
 * service does not read back words that a worker may have changed.
 *
 * <p>Safe for use by any thread. A thread that is interrupted while it reads or writes closes the
 * page (see {@link java.nio.channels.InterruptibleChannel}). Therefore the threads of a worker may
 * be interrupted only after the worker is gone.
 */
public final class ControlPage implements AutoCloseable {
  static final int BYTES = 4096;
  private static final int WORDS = BYTES / Long.BYTES;
  private static final int VERSION = 0;
  private static final int ATTENTION = 1;
  private static final int STOP = 2;
  private static final int RECALL = 3;
  private static final int CHUNK = 8;
  private static final int ITEM = 9;
  private static final int FIRST_THREAD = 16;

  /**
   * How often a word is read at most until two reads in a row agree, because a read may see half of
   * a write.
   */
  private static final int MOST_READS = 8;

  private final FileChannel file;

  /** Guarded by this. */
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());

  private volatile long stopThrough;
  private volatile long recallFrom;

  /**
   * The running item that the service names in place of the worker. Null as long as the worker
   * names it.
   */
  private volatile @Nullable Running written;

  private record Running(long chunk, long item) {}

  /** The page cannot be read or written: the worker has truncated it, or the page is closed. */
  public static final class LostException extends BrokenProtocolException {
    private static final long serialVersionUID = 1L;

    LostException(String message) {
      super(message);
    }
  }

  /** Writes a new page. Tests pass a file of their own. */
  ControlPage(FileChannel file) throws IOException {
    this.file = file;
    var words = new long[WORDS];
    words[VERSION] = 1;
    words[ITEM] = -1;
    Arrays.fill(words, FIRST_THREAD, WORDS, -1);
    buffer.asLongBuffer().put(words);
    // All bytes are written, without a hole. On a full disk, this write fails rather than the
    // worker's first one.
    while (buffer.hasRemaining()) {
      file.write(buffer, buffer.position());
    }
  }

  /**
   * Creates the file.
   *
   * @throws IOException if the file cannot be created, or its name is taken
   */
  public static ControlPage create(Path path) throws IOException {
    Files.createDirectories(path.toAbsolutePath().getParent());
    var file =
        FileChannel.open(
            path,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    try {
      return new ControlPage(file);
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  /** Asks the worker to abandon all chunks up to this number, including this one. */
  public void stopThrough(long chunk) {
    stopThrough = chunk;
    set(STOP, chunk);
    set(ATTENTION, 1);
  }

  /**
   * Asks the worker to hand back the items that have not started, of this chunk and of later ones.
   */
  public void recallFrom(long chunk) {
    recallFrom = chunk;
    set(RECALL, chunk);
    set(ATTENTION, 1);
  }

  /**
   * Clears the recall and the call for attention, once the worker has fulfilled the requests. A
   * stop stays in force for its chunks.
   */
  public void clear() {
    recallFrom = 0;
    set(ATTENTION, 0, stopThrough, 0);
  }

  /** Returns whether the service has recalled or stopped this chunk. */
  public boolean isRecalled(long chunk) {
    long from = recallFrom;
    return (from != 0 && chunk >= from) || chunk <= stopThrough;
  }

  /** Returns the number of the chunk that the worker names as running; 0 for none. */
  public long chunk() {
    Running own = written;
    return own == null ? get(CHUNK, 1)[0] : own.chunk();
  }

  /** Returns the item that the worker names as running; -1 for none. */
  public long item() {
    Running own = written;
    return own == null ? get(ITEM, 1)[0] : own.item();
  }

  /** Returns the item that each thread of a worker names as running; -1 for none. */
  public long[] items(int threads) {
    return threads == 1 ? new long[] {item()} : get(FIRST_THREAD, threads);
  }

  /** Names the running item in place of a worker that knows no control page; 0 and -1 for none. */
  public void running(long chunk, long item) {
    written = new Running(chunk, item);
    set(CHUNK, chunk, item);
  }

  /** Writes adjacent words by one call of the system. */
  private synchronized void set(int word, long... values) {
    int bytes = values.length * Long.BYTES;
    buffer.clear().limit(bytes).asLongBuffer().put(values);
    try {
      if (file.write(buffer, (long) word * Long.BYTES) != bytes) {
        throw new LostException("the control page cannot be written in full");
      }
    } catch (IOException e) {
      throw new LostException("the control page cannot be written: " + e);
    }
  }

  private synchronized long[] get(int word, int count) {
    long[] before = read(word, count);
    long[] words = read(word, count);
    for (int i = 0; i < count; i++) {
      for (int reads = 2; words[i] != before[i] && reads < MOST_READS; reads++) {
        before[i] = words[i];
        words[i] = read(word + i, 1)[0];
      }
    }
    return words;
  }

  private long[] read(int word, int count) {
    int bytes = count * Long.BYTES;
    buffer.clear().limit(bytes);
    int got;
    try {
      got = file.read(buffer, (long) word * Long.BYTES);
    } catch (IOException e) {
      throw new LostException("the control page cannot be read: " + e);
    }
    if (got != bytes) {
      throw new LostException("the worker cut its control page short");
    }
    var words = new long[count];
    buffer.flip().asLongBuffer().get(words);
    return words;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      // The page is no longer needed.
    }
  }
}
