package dev.manyhands.scheduler;

import dev.manyhands.job.ItemError;
import dev.manyhands.job.ItemRange;
import dev.manyhands.worker.SlotEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of the items of a chunk whose worker is gone.
 *
 * @param charged the item that loses an attempt; null for none
 * @param alone items that run next as chunks of their own, so that the guilty one stands alone in
 *     the end
 * @param innocent items that go back as they were
 */
record Blame(@Nullable Long charged, List<ItemRange> alone, List<ItemRange> innocent) {

  /**
   * The end of the worker was not the job's doing.
   *
   * @param suspect whether the items ran as a chunk of their own, and must again
   */
  static Blame nobody(ItemRange lost, boolean suspect) {
    var items = List.of(lost);
    return suspect ? new Blame(null, items, List.of()) : new Blame(null, List.of(), items);
  }

  /**
   * @param lost the items that had no outcome
   * @param running those of them that the worker was running, ascending; empty if unknown
   */
  static Blame of(ItemRange lost, List<Long> running) {
    if (running.size() == 1) {
      return new Blame(running.getFirst(), List.of(), around(lost, running));
    }
    if (running.size() > 1) {
      // Any of them did it, or all together.
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

  /** The kind of error of an item that is charged for the end of its worker. */
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
