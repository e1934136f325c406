package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ChunkSizes.Why;
import dev.manyhands.model.JobSpec.Chunking;
import dev.manyhands.model.Outcomes;
import java.util.List;

/**
 * Decides how many items go into a job's next chunk. Uses the size that the user chose, if any.
 * Otherwise starts with one item for each thread of a worker, measures, and then aims at a
 * duration. Near the end, chunks shrink by guided self-scheduling (Polychronopoulos and Kuck,
 * 1987), so that all slots finish together. Chunks do not shrink if the job has a single slot with
 * several threads, which share each chunk.
 *
 * <p>One for each job; owned by the scheduler thread.
 */
final class ChunkSizer {
  /**
   * Target duration of a chunk. Long enough that the cost of a message does not matter, short
   * enough for fairness and progress.
   */
  static final double TARGET_SECONDS = 0.2;

  /**
   * Target duration of a chunk, like {@link #TARGET_SECONDS}, for a job whose inputs come while it
   * runs. Shorter, because the sender of the inputs waits for their results.
   */
  static final double STREAM_TARGET_SECONDS = 0.05;

  /** Least duration of a chunk that is worth a message, even near the end. */
  static final double LEAST_SECONDS = 0.001;

  /**
   * Greatest ratio of a chunk to the largest chunk reported so far. One odd item thus cannot
   * mislead the sizer by orders of magnitude.
   */
  static final long GROWTH = 8;

  static final long MOST_ITEMS = 65_536;

  /**
   * Limit for the expected bytes of a chunk's results, which wait in memory until they are on disk.
   */
  static final long TARGET_RESULT_BYTES = 2L << 20;

  /** Share of the earlier measurements that still counts after one more report. */
  private static final double MEMORY = 0.7;

  private final Chunking chunking;
  private final long total;

  /** Number of items that a worker runs at a time, and the least number of items in a chunk. */
  private final int threads;

  private final double targetSeconds;

  private double seconds;
  private double items;
  private double resultBytes;
  private long largest = 1;

  /**
   * Creates a sizer for a job.
   *
   * @param streams whether the job's inputs come while it runs
   */
  ChunkSizer(Chunking chunking, long total, int threads, boolean streams) {
    this.chunking = chunking;
    this.total = total;
    this.threads = threads;
    this.targetSeconds = streams ? STREAM_TARGET_SECONDS : TARGET_SECONDS;
  }

  /**
   * Returns whether the user chose the size or the number of chunks. If so, chunks are not split
   * either.
   */
  boolean isFixed() {
    return chunking.size() != null || chunking.count() != null;
  }

  /** Returns whether anything was measured. */
  boolean hasMeasured() {
    return items > 0;
  }

  /**
   * Adds a report to the measurements, in which older reports count less.
   *
   * @param parts the parts of the report
   * @param passedSeconds time since the report before, or since the worker got the chunk. Used in
   *     place of the items' own seconds if a worker runs several items at a time. The sum of their
   *     own seconds is then larger.
   * @param ofChunk how many items of the chunk were reported or returned by now
   */
  void measure(List<Outcomes> parts, double passedSeconds, long ofChunk) {
    double busy = 0;
    long count = 0;
    long bytes = 0;
    for (Outcomes part : parts) {
      var cost = part.cost();
      busy += cost.run() + cost.read() + cost.write();
      count += part.items().count();
      bytes += part.values().length;
    }
    seconds = MEMORY * seconds + (threads == 1 ? busy : passedSeconds);
    items = MEMORY * items + count;
    resultBytes = MEMORY * resultBytes + bytes;
    largest = Math.max(largest, ofChunk);
  }

  /**
   * Returns how long a worker is expected to be busy with {@code count} items; 0 before anything
   * was measured.
   */
  double expectedSeconds(long count) {
    return hasMeasured() ? count * seconds / items : 0;
  }

  /** A number of items, and the reason for this number. */
  record Size(long items, Why why) {}

  /**
   * Returns the size of the next chunk.
   *
   * @param pending number of items that no worker has yet, at least 1
   * @param slots how many slots the job may use
   * @return at least 1 item; may be more than {@code pending}
   */
  Size next(long pending, int slots) {
    if (chunking.size() != null) {
      return new Size(chunking.size(), Why.ASKED_FOR);
    }
    if (chunking.count() != null) {
      return new Size(Math.ceilDiv(total, chunking.count()), Why.ASKED_FOR);
    }
    if (!hasMeasured()) {
      return new Size(threads, Why.FIRST);
    }
    double perItem = Math.max(seconds / items, 1e-9);
    double bytesPerItem = Math.max(resultBytes / items, 1);
    var size = new Size((long) Math.min(targetSeconds / perItem, MOST_ITEMS), Why.TARGET_TIME);
    boolean mayShrink = slots > 1 || threads == 1;
    long guided = mayShrink ? Math.ceilDiv(pending, 2L * slots) : pending;
    long worthwhile = (long) Math.min(LEAST_SECONDS / perItem, MOST_ITEMS);
    size =
        guided >= worthwhile
            ? atMost(guided, Why.TAIL, size)
            : atMost(worthwhile, Why.WORTHWHILE, size);
    size = atMost((long) (TARGET_RESULT_BYTES / bytesPerItem), Why.RESULT_BYTES, size);
    size = atMost(largest * GROWTH, Why.GROWING, size);
    return new Size(Math.max(threads, size.items()), size.why());
  }

  private static Size atMost(long items, Why why, Size size) {
    return items < size.items() ? new Size(items, why) : size;
  }
}
