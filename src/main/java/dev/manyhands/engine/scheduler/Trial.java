package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.ServiceDeaths;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the items of a job after a death of the service during which items of the job ran alone.
 *
 * @param single the one item that ran; null if several did, or none
 * @param parts the items that ran, cut into parts, each of which runs alone next; empty with {@code
 *     single}
 * @param others the items that did not run
 */
record Trial(@Nullable Long single, List<ItemRange> parts, List<ItemRange> others) {
  private static final int PARTS = 32;

  /**
   * Sorts the remaining items.
   *
   * @param remaining the items without an outcome, ascending
   */
  static Trial of(List<ItemRange> remaining, ServiceDeaths deaths) {
    ItemRange alone = deaths.alone();
    if (alone == null) {
      return new Trial(null, List.of(), remaining);
    }
    Long single = null;
    var parts = new ArrayList<ItemRange>();
    var others = new ArrayList<ItemRange>();
    for (ItemRange range : remaining) {
      long first = Math.clamp(alone.first(), range.first(), range.end());
      long end = Math.clamp(alone.end(), first, range.end());
      if (range.first() < first) {
        others.add(new ItemRange(range.first(), first));
      }
      if (end - first == 1) {
        single = first;
      } else if (first < end) {
        cut(new ItemRange(first, end), parts);
      }
      if (end < range.end()) {
        others.add(new ItemRange(end, range.end()));
      }
    }
    return new Trial(single, List.copyOf(parts), List.copyOf(others));
  }

  private static void cut(ItemRange items, List<ItemRange> parts) {
    long part = (items.count() + PARTS - 1) / PARTS;
    for (long first = items.first(); first < items.end(); first += part) {
      parts.add(new ItemRange(first, Math.min(first + part, items.end())));
    }
  }

  /**
   * Returns the error of an item without attempts left that ran alone at the last of these deaths.
   */
  static ItemError error(long item, ServiceDeaths deaths) {
    String message =
        "the service died while this item ran and nothing else did; that was attempt %1$d of %1$d"
            .formatted(deaths.aloneCount());
    return new ItemError(
        item, ItemError.Kind.CRASH, "ServiceDeath", message, null, deaths.aloneCount());
  }
}
