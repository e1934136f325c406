package dev.manyhands.harness;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel.MapMode;
import org.jspecify.annotations.Nullable;

/**
 * The memory shared with the service, see {@code docs/worker-protocol.md}. Read and written at
 * every item.
 *
 * <p>Plain accesses with fences rather than a {@code VarHandle} view: as cheap (on x86 the fences
 * only bind the compiler), and without the method handles that would take longer to set up than
 * everything else in this process. The fences matter: without them the compiler may hoist a poll
 * out of the function's loop, or sink the item's index below its run.
 */
final class ControlPage {
  private static final int BYTES = 4096;
  private static final int ATTENTION = 1 * Long.BYTES;
  private static final int STOP = 2 * Long.BYTES;
  private static final int RECALL = 3 * Long.BYTES;
  private static final int CHUNK = 8 * Long.BYTES;
  private static final int ITEM = 9 * Long.BYTES;
  private static final int FIRST_THREAD = 16 * Long.BYTES;

  /** How many threads have a word. */
  static final int MAX_THREADS = (BYTES - FIRST_THREAD) / Long.BYTES;

  /** Where there is no item. */
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

  /** Maps the file; without one the page is memory that nobody else sees. */
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

  /** One of several threads begins an item; the lowest that runs is named as well. */
  void beginItem(int thread, long index, long lowest) {
    write(FIRST_THREAD + thread * Long.BYTES, index);
    write(ITEM, lowest);
  }

  void endItem(int thread, long lowest) {
    write(FIRST_THREAD + thread * Long.BYTES, NONE);
    write(ITEM, lowest);
  }

  /** Whether the service wants the rest of the chunk back before its next item. */
  boolean wantsBack(long chunk) {
    if (read(ATTENTION) == 0) {
      return false;
    }
    long recall = read(RECALL);
    return chunk <= read(STOP) || (recall != 0 && chunk >= recall);
  }

  /** Whether the chunk is to be abandoned even inside an item. */
  boolean stops(long chunk) {
    return read(ATTENTION) != 0 && chunk <= read(STOP);
  }

  /** The chunk that is being run; 0 for none. */
  long chunk() {
    return read(CHUNK);
  }

  /** The item that is being run, where one is run at a time. */
  long item() {
    return read(ITEM);
  }

  /** The item that one of several threads runs. */
  long item(int thread) {
    return read(FIRST_THREAD + thread * Long.BYTES);
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
