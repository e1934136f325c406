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
   * Blames no item, because the job did not cause the end of the worker.
   *
   * @param suspect whether the items ran as a chunk of their own, and must do so again
   */
  static Blame nobody(ItemRange lost, boolean suspect) {
    var items = List.of(lost);
    return suspect ? new Blame(null, items, List.of()) : new Blame(null, List.of(), items);
  }

  /**
   * Decides by the items that the worker was running. A single running item is charged; of several,
   * each runs alone next. If none is known, a single lost item is charged, and a longer range is
   * halved.
   *
   * @param lost the items that had no outcome
   * @param running the items of {@code lost} that the worker was running, ascending; empty if
   *     unknown
   */
  static Blame of(ItemRange lost, List<Long> running) {
    if (running.size() == 1) {
      return new Blame(running.getFirst(), List.of(), around(lost, running));
    }
    if (running.size() > 1) {
      // Any of the running items may be guilty, or all of them together.
      var each = running.stream().map(item -> ItemRange.ofCount(item, 1)).toList();
      return new Blame(null, each, around(lost, running));
    }
    if (lost.count() == 1) {
      return new Blame(lost.first(), List.of(), List.of());
    }
    long middle = lost.first() + lost.count() / 2;
    var halves = List.of(new ItemRange(lost.first(), middle), new ItemRange(middle, lost.end()));
    return new Blame(null, halves, List.of());
  }

  /** Returns the kind of error of an item that is charged for the end of its worker. */
  static ItemError.Kind kind(SlotEvent.Cause cause) {
    return switch (cause) {
      case CRASH, STOPPED, FAULT -> ItemError.Kind.CRASH;
      case OOM -> ItemError.Kind.OOM;
      case TIMEOUT -> ItemError.Kind.TIMEOUT;
    };
  }

  private static List<ItemRange> around(ItemRange lost, List<Long> running) {
    var others = new ArrayList<ItemRange>();
    long next = lost.first();
    for (long item : running) {
      if (next < item) {
        others.add(new ItemRange(next, item));
      }
      next = item + 1;
    }
    if (next < lost.end()) {
      others.add(new ItemRange(next, lost.end()));
    }
    return List.copyOf(others);
  }
}
