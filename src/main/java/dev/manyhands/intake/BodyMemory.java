package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Bounds the memory of the bodies that are read at one time. A small body needs no permission. A
 * larger body waits for a share of a budget and is refused when the wait takes too long. Safe for
 * use by any thread.
 *
 * <p>A request asks once for all the memory that its job or function can need. Requests that each
 * held a part and waited for the rest would block one another.
 */
public final class BodyMemory {
  /** Bytes that any request may hold without asking. */
  static final int FREE_BYTES = 64 << 10;

  private static final int UNIT_BYTES = 1 << 10;
  private static final long PATIENCE_MILLIS = 10_000;

  /**
   * The memory that is asked for a job or function, as a multiple of the most bytes of one. There
   * are as many copies at most: in buffers that double, as a request, as JSON, as a parsed value
   * and as its stored form.
   */
  private static final int COPIES = 8;

  /**
   * The memory that is asked for an item, as a multiple of the buffer. There are as many copies at
   * most: in a buffer that doubles and in a segment.
   */
  private static final int ITEM_COPIES = 3;

  private final int maxSpecBytes;
  private final int units;
  private final Semaphore free;

  /**
   * @param bytes the budget
   * @param maxSpecBytes the most bytes of a job without its inputs, or of a function
   */
  public BodyMemory(long bytes, int maxSpecBytes) {
    this.maxSpecBytes = maxSpecBytes;
    this.units = Math.toIntExact(Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE));
    this.free = new Semaphore(units, true);
  }

  /**
   * Returns a share of the budget, which is empty at first. The caller closes the share when the
   * request is done.
   */
  public Hold hold() {
    return new Hold();
  }

  private static Refusal full() {
    return Refusal.unavailable(
        "too many large requests are being read at once for the memory of this service; try again"
            + " later, or give the service a larger heap (-Xmx)");
  }

  /** Represents the share of one request. Used by one thread. */
  public final class Hold implements AutoCloseable {
    private int held;

    private Hold() {}

    /** Waits for the room that a whole job or function needs. */
    void coverSpec() {
      cover((long) COPIES * maxSpecBytes);
    }

    /**
     * Waits until the share covers this many bytes in all. A request for more than the budget gets
     * all of the budget.
     *
     * @throws Refusal if no room becomes free in time, or at once if the request holds some already
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

    /** Gives back all but this many bytes. */
    public void shrinkTo(long bytes) {
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
     * @param tooLarge the refusal if the body is longer than allowed
     */
    public byte[] readSpec(InputStream in, Supplier<Refusal> tooLarge) throws IOException {
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
  public final class Growth implements IntConsumer {
    private final Hold hold;
    private boolean isItem;

    public Growth(Hold hold) {
      this.hold = hold;
    }

    /**
     * Sets whether the next values are items, which are passed on one by one, or a job, which is
     * kept.
     */
    public void items(boolean are) {
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
      if (capacity / 2 >= maxSpecBytes) { // one value fills the allowed bytes and goes on
        throw Refusal.tooLarge("", "a job may have at most " + maxSpecBytes + " bytes");
      }
    }
  }
}
