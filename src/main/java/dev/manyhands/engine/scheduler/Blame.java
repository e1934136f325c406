package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decision about the items of a chunk whose worker is gone.
 *
 * @param charged the item that loses an attempt; null for none
 * @param alone ranges that run next, each as one chunk, so that the guilty item is isolated in the
 *     end
 * @param innocent items that go back unchanged
 */
record Blame(@Nullable Long charged, List<ItemRange> alone, List<ItemRange> innocent) {

  /**
   * Decides by the items that the worker was running. A single running item is charged; of several,
   * each runs alone next. If none is known, a single lost item is charged, and a longer range is
   * halved.
   *
   * @param lost the items of the chunk that the worker was to answer next, without an outcome
   * @param ahead the items of the chunk behind that one, which a worker with several threads may
   *     have begun; null if there is none
   * @param running the items of both that the worker was running, ascending; empty if unknown
   */
  static Blame of(ItemRange lost, @Nullable ItemRange ahead, List<Long> running) {
    if (running.size() == 1) {
      return new Blame(running.getFirst(), List.of(), others(lost, ahead, running));
    }
    if (running.size() > 1) {
      // Any of the running items may be guilty, or all of them together.
      return eachAlone(lost, ahead, running);
    }
    return lost.count() == 1
        ? new Blame(lost.first(), List.of(), behind(ahead))
        : apart(lost, ahead);
  }

  /**
   * Charges no item, because the late ones had ended before their worker was killed. Late items
   * without an outcome run again alone: if their worker is killed once more, only they are there.
   * Without late items the lost ones run apart from others. The worker may have named false items,
   * and its kills would have no end otherwise.
   *
   * @param late items of both ranges, ascending
   */
  static Blame ofOvertaken(ItemRange lost, @Nullable ItemRange ahead, List<Long> late) {
    return late.isEmpty() ? apart(lost, ahead) : eachAlone(lost, ahead, late);
  }

  private static Blame eachAlone(ItemRange lost, @Nullable ItemRange ahead, List<Long> items) {
    var each = items.stream().map(item -> ItemRange.ofCount(item, 1)).toList();
    return new Blame(null, each, others(lost, ahead, items));
  }

  /** Lets the lost items run in halves, and a single one alone. */
  private static Blame apart(ItemRange lost, @Nullable ItemRange ahead) {
    long middle = lost.first() + lost.count() / 2;
    List<ItemRange> parts =
        lost.count() == 1
            ? List.of(lost)
            : List.of(new ItemRange(lost.first(), middle), new ItemRange(middle, lost.end()));
    return new Blame(null, parts, behind(ahead));
  }

  /** Returns the kind of error of an item that is charged for the end of its worker. */
  static ItemError.Kind kind(SlotEvent.Cause cause) {
    return switch (cause) {
      case CRASH, STOPPED, FAULT -> ItemError.Kind.CRASH;
      case OOM -> ItemError.Kind.OOM;
      case TIMEOUT -> ItemError.Kind.TIMEOUT;
    };
  }

  private static List<ItemRange> behind(@Nullable ItemRange ahead) {
    return ahead == null ? List.of() : List.of(ahead);
  }

  private static List<ItemRange> others(
      ItemRange lost, @Nullable ItemRange ahead, List<Long> running) {
    var others = new ArrayList<ItemRange>();
    if (ahead != null) {
      addOthers(ahead, running, others);
    }
    addOthers(lost, running, others);
    return List.copyOf(others);
  }

  private static void addOthers(ItemRange items, List<Long> running, List<ItemRange> others) {
    long next = items.first();
    for (long item : running) {
      if (items.contains(item)) {
        if (next < item) {
          others.add(new ItemRange(next, item));
        }
        next = item + 1;
      }
    }
    if (next < items.end()) {
      others.add(new ItemRange(next, items.end()));
    }
  }
}
