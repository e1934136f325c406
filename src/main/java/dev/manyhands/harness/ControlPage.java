package dev.manyhands.harness;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel.MapMode;
import org.jspecify.annotations.Nullable;

/**
 * The memory shared with the service, see {@code docs/reference/worker-protocol.md}. Read and
 * written at every item.
 *
 * <p>Plain accesses with fences are used instead of a {@code VarHandle} view. They are as fast,
 * because the fences only bind the compiler on x86. They also avoid method handles, which would
 * take longer to set up than everything else in this process. The fences are necessary. Without
 * them the compiler may move a poll out of the function's loop, or move the write of the item's
 * index after its run.
 */
public final class ControlPage {
  private static final int BYTES = 4096;
  private static final int ATTENTION = 1 * Long.BYTES;
  private static final int STOP = 2 * Long.BYTES;
  private static final int RECALL = 3 * Long.BYTES;
  private static final int CHUNK = 8 * Long.BYTES;
  private static final int ITEM = 9 * Long.BYTES;
  private static final int FIRST_THREAD = 16 * Long.BYTES;

  /**
   * Limit for the threads of a worker: each thread has a word on the page. A job with more threads
   * is refused. {@code JobSpec.MAX_THREADS} and {@code page.py} have this number, too.
   */
  static final int MAX_THREADS = (BYTES - FIRST_THREAD) / Long.BYTES;

  /** The word that stands for no item. */
  static final long NONE = -1;

  private final ByteBuffer words;

  private ControlPage(ByteBuffer words) {
    this.words = words.order(ByteOrder.nativeOrder());
    beginChunk(0);
    endItem();
    for (int thread = 0; thread < MAX_THREADS; thread++) {
      endItem(thread, NONE);
    }
  }

  /** Maps the file. Without a file, the page is memory that no other process sees. */
  static ControlPage map(@Nullable String path) throws IOException {
    if (path == null) {
      return new ControlPage(ByteBuffer.allocateDirect(BYTES));
    }
    try (RandomAccessFile file = new RandomAccessFile(path, "rw")) {
      return new ControlPage(file.getChannel().map(MapMode.READ_WRITE, 0, BYTES));
    }
  }

  void beginChunk(long chunk) {
    write(CHUNK, chunk);
  }

  void endChunk() {
    write(CHUNK, 0);
  }

  void beginItem(long index) {
    write(ITEM, index);
  }

  void endItem() {
    write(ITEM, NONE);
  }

  /**
   * Marks that one of several threads begins an item. The lowest running item is recorded as well.
   */
  void beginItem(int thread, long index, long lowest) {
    write(FIRST_THREAD + thread * Long.BYTES, index);
    write(ITEM, lowest);
  }

  void endItem(int thread, long lowest) {
    write(FIRST_THREAD + thread * Long.BYTES, NONE);
    write(ITEM, lowest);
  }

  /**
   * Whether no more items of the chunk may begin, because the service has recalled or stopped the
   * chunk.
   */
  boolean wantsBack(long chunk) {
    if (read(ATTENTION) == 0) {
      return false;
    }
    long recall = read(RECALL);
    return chunk <= read(STOP) || (recall != 0 && chunk >= recall);
  }

  /** Whether the chunk must be abandoned, even inside an item. */
  boolean stops(long chunk) {
    return read(ATTENTION) != 0 && chunk <= read(STOP);
  }

  /** Returns the chunk that is being run; 0 for none. */
  public long chunk() {
    return read(CHUNK);
  }

  /** Returns the item that is being run, if items run one after the other. */
  public long item() {
    return read(ITEM);
  }

  private long read(int offset) {
    long word = words.getLong(offset);
    VarHandle.acquireFence();
    return word;
  }

  private void write(int offset, long word) {
    VarHandle.releaseFence();
    words.putLong(offset, word);
    VarHandle.releaseFence();
  }
}
