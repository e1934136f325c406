package dev.manyhands.http;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.ItemSource.Items;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.ReadBudget;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the inputs of items for answers, piece by piece. The client of an answer may be slow, so
 * pieces are small, and budgets limit all of them to an eighth of the heap. A piece waits for room
 * in its budget, and fails with a {@code StoreException} if there is none for too long. Safe for
 * use by any thread.
 */
public final class ItemInputs {
  /** The most bytes of a piece, unless a single item is larger. */
  private static final int PIECE_BYTES = 16 << 10;

  /** A larger piece is one large item. The last number of a range may exceed a piece a little. */
  private static final int SMALL_BYTES = PIECE_BYTES + 64;

  /**
   * The share of the heap for each budget, as the denominator of a fraction. With the default
   * {@link OpenStreams#fitting limit}, all streams that may be open have room for a small piece
   * each.
   */
  private static final int HEAP_SHARE = 16;

  /**
   * How many pieces are read from the store at once; further reads wait. The size of a piece is not
   * known before, and reading needs several copies in memory.
   */
  private static final int READS = 2;

  private final ItemSource source;
  private final ReadBudget small;
  private final ReadBudget large;

  /** Has a unit for each piece that is being read. */
  private final ReadBudget reads = new ReadBudget(READS * ReadBudget.UNIT_BYTES);

  public ItemInputs(ItemSource source, long heapBytes) {
    this.source = source;
    this.small = new ReadBudget(heapBytes / HEAP_SHARE);
    this.large = new ReadBudget(heapBytes / HEAP_SHARE);
  }

  /** Receives the JSON of an item: a part of these bytes. */
  @FunctionalInterface
  public interface Receiver {
    void take(byte[] bytes, int start, int end) throws IOException;
  }

  /** Opens items of a job, whose inputs are then read in ascending order. */
  public Cursor of(Job job, ItemRange items) {
    return new Cursor(job, items.end());
  }

  /**
   * Copies the inputs of items, joined by commas.
   *
   * @throws dev.manyhands.store.JobGoneException when the job is deleted before all were read
   */
  public void copy(Job job, ItemRange items, OutputStream out) throws IOException {
    try (var cursor = of(job, items)) {
      long next = items.first();
      while (next < items.end()) {
        if (next > items.first()) {
          out.write(',');
        }
        Items piece = cursor.piece(next);
        out.write(piece.joined());
        next = piece.range().end();
      }
    }
  }

  /** Inputs in ascending order. Holds one piece until it is closed. Used by one thread. */
  public final class Cursor implements AutoCloseable {
    private final Job job;
    private final long end;
    private @Nullable Items piece;
    private @Nullable JoinedValues values;
    private ReadBudget.@Nullable Hold hold;

    private Cursor(Job job, long end) {
      this.job = job;
      this.end = end;
    }

    /**
     * Hands over the input of one item.
     *
     * @throws dev.manyhands.store.JobGoneException when the job was deleted meanwhile
     */
    public void read(long index, Receiver receiver) throws IOException {
      Items at = piece != null && piece.range().contains(index) ? piece : piece(index);
      JoinedValues joined = values;
      if (joined == null) {
        joined = JoinedValues.stored(at.joined(), Math.toIntExact(at.range().count()));
        values = joined;
      }
      int number = Math.toIntExact(index - at.range().first());
      receiver.take(joined.bytes(), joined.start(number), joined.end(number));
    }

    /**
     * Reads a piece. A large item is dropped and read again once there is room: it must not be in
     * memory, not even in a local variable, while it waits.
     */
    private Items piece(long index) {
      close();
      hold = small.hold(PIECE_BYTES);
      int bytes = keep(index);
      if (bytes > SMALL_BYTES) {
        close();
        hold = large.hold(bytes);
        int _ = keep(index);
      }
      return Objects.requireNonNull(piece, "was just read");
    }

    private int keep(long index) {
      try (var _ = reads.hold(0)) {
        piece = source.read(job, new ItemRange(index, end), PIECE_BYTES);
        return piece.joined().length;
      }
    }

    @Override
    public void close() {
      piece = null;
      values = null;
      if (hold != null) {
        hold.close();
        hold = null;
      }
    }
  }
}
