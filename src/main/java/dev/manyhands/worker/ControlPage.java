package dev.manyhands.worker;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * The service's side of the memory that it shares with one worker, laid out in
 * docs/worker-protocol.md: each word has one writer, so that looking at it costs a memory access
 * and no message. Safe for use by any thread until it is closed.
 */
final class ControlPage implements AutoCloseable {
  static final int BYTES = 4096;
  private static final int VERSION = 0;
  private static final int ATTENTION = 1;
  private static final int STOP = 2;
  private static final int RECALL = 3;
  private static final int CHUNK = 8;
  private static final int ITEM = 9;
  private static final int FIRST_THREAD = 16;
  private static final VarHandle WORD = ValueLayout.JAVA_LONG.arrayElementVarHandle();

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  private ControlPage(Path file) throws IOException {
    try (var channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE))) {
      // Not a hole: on a full disk this fails, where the first write to a mapped hole is a SIGBUS.
      var zeros = ByteBuffer.allocate(BYTES);
      while (zeros.hasRemaining()) {
        channel.write(zeros);
      }
      memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena);
    }
    set(VERSION, 1);
    set(ITEM, -1);
    for (int word = FIRST_THREAD; word < BYTES / Long.BYTES; word++) {
      set(word, -1);
    }
  }

  /** Makes the file, which must not be there yet. */
  static ControlPage create(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return new ControlPage(file);
  }

  /** Chunks up to this number are to be abandoned. */
  void stopThrough(long chunk) {
    set(STOP, chunk);
    set(ATTENTION, 1);
  }

  /** What has not started of this chunk and of later ones is to be handed back. */
  void recallFrom(long chunk) {
    set(RECALL, chunk);
    set(ATTENTION, 1);
  }

  /** All that was asked has been answered. */
  void clear() {
    set(ATTENTION, 0);
    set(RECALL, 0);
  }

  boolean isRecalled(long chunk) {
    long from = get(RECALL);
    return (from != 0 && chunk >= from) || chunk <= get(STOP);
  }

  /** The chunk the worker says it is running; 0 for none. */
  long chunk() {
    return get(CHUNK);
  }

  /** The item the worker says it is running; -1 for none. */
  long item() {
    return get(ITEM);
  }

  /** The item that one of the threads of a worker says it is running; -1 for none. */
  long itemOfThread(int thread) {
    return get(FIRST_THREAD + thread);
  }

  /** For workers that do not write it themselves. */
  void running(long chunk, long item) {
    set(CHUNK, chunk);
    set(ITEM, item);
  }

  private void set(long word, long value) {
    WORD.setVolatile(memory, 0L, word, value);
  }

  private long get(long word) {
    return (long) WORD.getVolatile(memory, 0L, word);
  }

  @Override
  public void close() {
    arena.close();
  }
}
