package dev.manyhands.engine.logs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines of one job that are not in its files yet. Surplus lines are dropped from the middle if the
 * disk is slower than the job. The first lines show how the job began, the last how it ended. Not
 * thread-safe.
 */
final class Unwritten {
  private final long halfBytes;
  private final List<byte[]> first = new ArrayList<>();
  private final ArrayDeque<byte[]> last = new ArrayDeque<>();
  private long firstBytes;
  private long lastBytes;

  /** Lines that came after the first and before the last. */
  private long dropped;

  /**
   * @param bytes the most bytes that are held, give or take a line
   */
  Unwritten(long bytes) {
    this.halfBytes = bytes / 2;
  }

  void add(byte[] line) {
    if (last.isEmpty() && dropped == 0 && firstBytes + line.length <= halfBytes) {
      first.add(line);
      firstBytes += line.length;
      return;
    }
    last.add(line);
    lastBytes += line.length;
    while (lastBytes > halfBytes) {
      lastBytes -= last.remove().length;
      dropped++;
    }
  }

  List<byte[]> first() {
    return first;
  }

  long dropped() {
    return dropped;
  }

  Iterable<byte[]> last() {
    return last;
  }
}
