package dev.manyhands.http.result;

import dev.manyhands.http.ParentIndexes;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.json.JoinedValues;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Copies of some outcomes of a retry, which replace outcomes of its parent. Takes a bounded number
 * of bytes, and then no more items. Used once, by one thread.
 */
final class Replacements implements ResultSink {
  /** Limit for all copies. Small, because each slow reader of merged results may hold this much. */
  private static final int MOST_BYTES = 64 << 10;

  /** The approximate size of a copy besides its text. */
  private static final int COPY_BYTES = 64;

  private static final JoinedValues NULL = JoinedValues.stored(new byte[] {'n', 'u', 'l', 'l'}, 1);

  /**
   * The outcome of one item. Without a value and an error, the item has no outcome.
   *
   * @param index in the parent
   */
  private record Copy(long index, byte @Nullable [] value, @Nullable ItemError error) {
    /** Returns whether the sink took the item. */
    boolean give(ResultSink sink) throws IOException {
      ItemRange place = ItemRange.ofCount(index, 1);
      if (value == null && error == null) {
        return sink.none(place) == place.end();
      }
      sink.values(
          place,
          value == null ? NULL : JoinedValues.stored(value, 1),
          0,
          error == null ? List.of() : List.of(error));
      return true;
    }
  }

  private final ParentIndexes places;
  private final Deque<Copy> copies = new ArrayDeque<>();
  private long next;
  private long bytes;
  private boolean full;

  /**
   * @param places the indexes of the retry's items in the parent
   * @param first the first item of the retry that will be handed over
   */
  Replacements(ParentIndexes places, long first) {
    this.places = places;
    this.next = first;
  }

  /** Returns the first item of the retry that was not taken. */
  long end() {
    return next;
  }

  @Override
  public boolean isFull() {
    return full;
  }

  @Override
  public void values(ItemRange items, JoinedValues values, int from, List<ItemError> errors) {
    int error = 0;
    for (long index = items.first(); index < items.end() && !full; index++) {
      if (error < errors.size() && errors.get(error).index() == index) {
        take(null, errors.get(error++));
      } else {
        int at = from + (int) (index - items.first());
        int start = values.start(at);
        int end = values.end(at);
        if (hasRoom(end - start)) {
          take(Arrays.copyOfRange(values.bytes(), start, end), null);
        }
      }
    }
  }

  @Override
  public void combined(ItemRange items, List<ItemError> errors) {
    throw new IllegalStateException("reduced results are not merged");
  }

  @Override
  public long none(ItemRange items) {
    while (next < items.end() && !full) {
      take(null, null);
    }
    return next;
  }

  private boolean hasRoom(long more) {
    full |= bytes + more + COPY_BYTES > MOST_BYTES;
    return !full;
  }

  private void take(byte @Nullable [] value, @Nullable ItemError error) {
    long size = (value == null ? 0 : value.length) + (error == null ? 0 : error.weight());
    if (hasRoom(size)) {
      long index = Objects.requireNonNull(places.of(next));
      copies.add(new Copy(index, value, error == null ? null : error.withIndex(index)));
      bytes += size + COPY_BYTES;
      next++;
    }
  }

  /**
   * Walks over items of the parent, and hands over a copy in place of each item that has one. The
   * copies of the window are used up.
   *
   * @return the first item that was not handed over
   */
  long walk(OwnResults parent, ItemRange window, ResultSink sink) {
    var replacing = new Replacing(sink);
    long reached = parent.walk(window, replacing);
    return replacing.refused == null ? reached : replacing.refused;
  }

  /** Hands outcomes on, and a copy in place of each that has one. */
  private final class Replacing implements ResultSink {
    private final ResultSink sink;

    /** The item that the sink did not take, in the middle of a report; null if it took all. */
    private @Nullable Long refused;

    Replacing(ResultSink sink) {
      this.sink = sink;
    }

    @Override
    public boolean isFull() {
      return refused != null || sink.isFull();
    }

    @Override
    public void values(ItemRange items, JoinedValues values, int from, List<ItemError> errors)
        throws IOException {
      int error = 0;
      long at = items.first();
      while (at < items.end() && refused == null) {
        long end = untilCopy(at, items.end());
        int firstError = position(errors, error, at);
        error = position(errors, firstError, end);
        if (at < end) {
          int skipped = (int) (at - items.first());
          sink.values(
              new ItemRange(at, end), values, from + skipped, errors.subList(firstError, error));
          at = end;
        } else if (copies.remove().give(sink)) {
          at++;
        } else {
          refused = at;
        }
      }
    }

    private static int position(List<ItemError> errors, int from, long index) {
      int at = from;
      while (at < errors.size() && errors.get(at).index() < index) {
        at++;
      }
      return at;
    }

    /** Returns the first item from {@code at} on that has a copy; {@code end} if none has. */
    private long untilCopy(long at, long end) {
      Copy head = copies.peek();
      return head == null ? end : Math.min(end, Math.max(at, head.index()));
    }

    @Override
    public void combined(ItemRange items, List<ItemError> errors) {
      throw new IllegalStateException("reduced results are not merged");
    }

    @Override
    public long none(ItemRange items) throws IOException {
      long at = items.first();
      while (at < items.end() && refused == null) {
        long end = untilCopy(at, items.end());
        if (at == end) {
          if (!copies.remove().give(sink)) {
            return at;
          }
          at++;
        } else {
          at = sink.none(new ItemRange(at, end));
          if (at < end) {
            return at;
          }
        }
      }
      return at;
    }
  }
}
