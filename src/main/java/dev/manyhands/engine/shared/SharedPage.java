package dev.manyhands.engine.shared;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The service's side of the memory that holds the values and the locks of one job. The layout is in
 * docs/reference/worker-protocol.md. The workers of the job map the file and may write any word.
 *
 * <p>The service never maps the file, because a worker can truncate it. It reads and writes by the
 * handle that it got when it created the file. Guarded by its set.
 */
final class SharedPage implements AutoCloseable {
  private static final int BYTES = 4096;

  /** Words of an object: its value, and the worker, the item and the time of its holder. */
  private static final int WORDS_OF_OBJECT = 4;

  private final Path path;
  private final FileChannel file;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());

  private SharedPage(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Creates the file.
   *
   * @param path in a directory that no worker can change
   * @throws IOException if the file cannot be created, or its name is taken
   */
  static SharedPage create(Path path) throws IOException {
    Files.createDirectories(path.toAbsolutePath().getParent());
    var file =
        FileChannel.open(
            path,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    var page = new SharedPage(path, file);
    try {
      page.fill();
      return page;
    } catch (Throwable e) {
      page.close();
      throw e;
    }
  }

  /** Writes all bytes, so that a full disk is noticed here and not by a worker. */
  private void fill() throws IOException {
    buffer.clear();
    buffer.putLong(0, 1); // the version of the layout
    while (buffer.hasRemaining()) {
      file.write(buffer, buffer.position());
    }
  }

  /** Returns the first word of an object. */
  static int wordOf(int object) {
    return WORDS_OF_OBJECT * (1 + object);
  }

  Path path() {
    return path;
  }

  /**
   * Returns the words of an object.
   *
   * @throws SharedFault if a worker has cut the page short
   */
  long[] read(int word) {
    buffer.clear().limit(WORDS_OF_OBJECT * Long.BYTES);
    try {
      if (file.read(buffer, (long) word * Long.BYTES) != WORDS_OF_OBJECT * Long.BYTES) {
        throw lost("an item has cut it short");
      }
    } catch (IOException e) {
      throw lost(e.toString());
    }
    var words = new long[WORDS_OF_OBJECT];
    buffer.flip().asLongBuffer().get(words);
    return words;
  }

  /** Writes one word. */
  void write(int word, long content) {
    buffer.clear().limit(Long.BYTES);
    buffer.putLong(0, content);
    try {
      if (file.write(buffer, (long) word * Long.BYTES) != Long.BYTES) {
        throw lost("it cannot be written in full");
      }
    } catch (IOException e) {
      throw lost(e.toString());
    }
  }

  /** A lock that is held. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes the lock that workers take for an object, if it is free. The kernel keeps the lock for
   * this process, and workers see it.
   *
   * @return null if the lock is not free
   */
  @Nullable Held lock(int word) {
    try {
      FileLock lock = file.tryLock((long) word * Long.BYTES, Long.BYTES, false);
      return lock == null ? null : () -> release(lock);
    } catch (IOException e) {
      throw lost(e.toString());
    }
  }

  private static void release(FileLock lock) {
    try {
      lock.release();
    } catch (IOException e) {
      throw lost(e.toString());
    }
  }

  private static SharedFault lost(String why) {
    return SharedFault.failed("the page of the job's values and locks is lost: " + why);
  }

  /** Returns whether the job has not ended yet. */
  boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() {
    try {
      file.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The next start empties the directory.
    }
  }
}
