package dev.manyhands.api;

import dev.manyhands.job.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Bounds the memory of bodies that are read at once. A small body needs no leave; a larger one
 * waits for its share of a budget, and is refused when it has waited for too long. Safe for use by
 * any thread.
 *
 * <p>A request asks once for all that its job or function can take, not bit by bit: requests that
 * each hold a part and wait for the rest would stop one another.
 */
final class BodyMemory {
  /** Bytes that any request may hold without asking. */
  static final int FREE_BYTES = 64 << 10;

  private static final int UNIT_BYTES = 1 << 10;
  private static final long PATIENCE_MILLIS = 10_000;

  /**
   * How often a job or function is in memory at most: in buffers that double, as a request, as
   * JSON, as what it says, as what is written of it.
   */
  private static final int COPIES = 8;

  /** How often an item is, in a buffer that doubles and in a segment. */
  private static final int ITEM_COPIES = 3;

  private final int maxSpecBytes;
  private final int units;
  private final Semaphore free;

  /**
   * @param bytes the budget
   * @param maxSpecBytes the most bytes of a job without its inputs, or of a function
   */
  BodyMemory(long bytes, int maxSpecBytes) {
    this.maxSpecBytes = maxSpecBytes;
    this.units = Math.toIntExact(Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE));
    this.free = new Semaphore(units, true);
  }

  /** A share of the budget, at first none. To be closed when the request is done. */
  Hold hold() {
    return new Hold();
  }

  private static Refusal full() {
    return Refusal.unavailable(
        "too many large requests are being read at once for the memory of this service; try again"
            + " later, or give the service a larger heap (-Xmx)");
  }

  /** The share of one request. Used by one thread. */
  final class Hold implements AutoCloseable {
    private int held;

    private Hold() {}

    /** Makes sure that there is room for a whole job or function. */
    void coverSpec() {
      cover((long) COPIES * maxSpecBytes);
    }

    /**
     * Makes sure that there is room. A request for more than the budget gets all of the budget.
     *
     * @throws Refusal if there is none for too long, or at once if the request holds some already
     */
    void cover(long bytes) {
      int more = units(bytes) - held;
      if (more <= 0) {
        return;
      }
      try {
        boolean waits = held == 0;
        if (!(waits
            ? free.tryAcquire(more, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
            : free.tryAcquire(more))) {
          throw full();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw full();
      }
      held += more;
    }

    /** Gives back what is beyond this. */
    void shrinkTo(long bytes) {
      int less = held - units(bytes);
      if (less > 0) {
        held -= less;
        free.release(less);
      }
    }

    private int units(long bytes) {
      return bytes <= FREE_BYTES ? 0 : (int) Math.min(units, bytes / UNIT_BYTES + 1);
    }

    /**
     * Reads a job or function that is kept whole.
     *
     * @param tooLarge what it is refused with if it has more bytes than it may
     */
    byte[] readSpec(InputStream in, Supplier<Refusal> tooLarge) throws IOException {
      byte[] start = in.readNBytes(Math.min(FREE_BYTES, maxSpecBytes + 1));
      byte[] whole = start;
      if (start.length == FREE_BYTES) {
        coverSpec();
        byte[] rest = in.readNBytes(maxSpecBytes + 1 - start.length);
        whole = Arrays.copyOf(start, start.length + rest.length);
        System.arraycopy(rest, 0, whole, start.length, rest.length);
      }
      if (whole.length > maxSpecBytes) {
        throw tooLarge.get();
      }
      return whole;
    }

    @Override
    public void close() {
      shrinkTo(0);
    }
  }

  /** Asks for room before the buffer of a scanner grows. */
  final class Growth implements IntConsumer {
    private final Hold hold;
    private boolean isItem;

    Growth(Hold hold) {
      this.hold = hold;
    }

    /** Whether the next values are items, each of which is passed on; or a job, which is kept. */
    void items(boolean are) {
      isItem = are;
    }

    @Override
    public void accept(int capacity) {
      if (capacity <= FREE_BYTES) {
        return;
      }
      if (isItem) {
        hold.cover((long) ITEM_COPIES * capacity);
        return;
      }
      hold.coverSpec();
      if (capacity / 2 >= maxSpecBytes) { // one value fills what there is, and goes on
        throw Refusal.tooLarge("", "a job may have at most " + maxSpecBytes + " bytes");
      }
    }
  }
}
