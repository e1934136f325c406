package dev.manyhands.harness;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chunk whose items begin in order and end in any order. Guarded by its {@link ItemThreads}.
 * Items are counted from the first of the chunk.
 */
final class ThreadedChunk {
  final long number;
  final long first;
  final ItemContext ofJob;
  final long readNanos;
  private final List<@Nullable Object> items;
  private final @Nullable OutcomeText[] texts;
  private final boolean[] finished;
  private int next;

  /** The end of the items that may begin. */
  private int end;

  /** The first item that is not finished. */
  private int lowest;

  /** The first item that was cut short. */
  private int cut;

  /** The first item whose outcome the reporter does not have. */
  private int taken;

  /**
   * @param readNanos the time that reading the items took
   */
  ThreadedChunk(
      long number, long first, List<@Nullable Object> items, ItemContext ofJob, long readNanos) {
    this.number = number;
    this.first = first;
    this.items = items;
    this.ofJob = ofJob;
    this.readNanos = readNanos;
    texts = new @Nullable OutcomeText[items.size()];
    finished = new boolean[items.size()];
    end = items.size();
    cut = items.size();
  }

  int size() {
    return items.size();
  }

  @Nullable Object item(int item) {
    return items.get(item);
  }

  /** Returns the number of items that may begin. */
  int left() {
    return end - next;
  }

  /** Returns the index in the job of the next item to begin. */
  long nextIndex() {
    return first + next;
  }

  /** Begins the next item, and returns it. */
  int begin() {
    return next++;
  }

  void beginNoMore() {
    end = next;
  }

  /** Notes the end of an item. The text is null if the item was cut short. */
  void finish(int item, @Nullable OutcomeText text) {
    finished[item] = true;
    texts[item] = text;
    if (text == null) {
      cut = Math.min(cut, item);
      beginNoMore();
    }
    while (lowest < next && finished[lowest]) {
      lowest++;
    }
  }

  /**
   * Returns the index in the job of the lowest item that runs; {@link ControlPage#NONE} for none.
   */
  long lowestIndex() {
    return lowest < next ? first + lowest : ControlPage.NONE;
  }

  /** Returns whether no item runs, and none will begin. */
  boolean isThrough() {
    return lowest == end;
  }

  /** Takes the outcomes without a gap before them. */
  List<OutcomeText> take() {
    List<OutcomeText> ready = new ArrayList<>();
    for (int upto = Math.min(lowest, cut); taken < upto; taken++) {
      OutcomeText text = texts[taken];
      if (text != null) {
        ready.add(text);
      }
      texts[taken] = null;
    }
    return ready;
  }

  /** Returns whether there are outcomes to take. */
  boolean hasReady() {
    return taken < Math.min(lowest, cut);
  }

  /**
   * Returns the number of bytes of the outcomes that the reporter never takes. They follow an item
   * that was cut short.
   */
  long droppedBytes() {
    long bytes = 0;
    for (int item = taken; item < texts.length; item++) {
      OutcomeText text = texts[item];
      bytes += text == null ? 0 : text.bytes();
    }
    return bytes;
  }

  /** Returns whether no item has begun, and none will. */
  boolean isRecalledWhole() {
    return end == 0 && !items.isEmpty();
  }

  /** Returns how many outcomes were taken. */
  int taken() {
    return taken;
  }
}
