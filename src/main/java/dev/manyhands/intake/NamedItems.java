package dev.manyhands.intake;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Items that a request names as ranges: {@code [[7, 8], [20, 40]]} is items 7 and 20 to 39. */
public final class NamedItems {
  private NamedItems() {}

  /**
   * Reads ranges of items, in any order.
   *
   * @param given null if the request has none
   * @throws Refusal if there are none, or if a range is empty or overlaps another one
   */
  static List<ItemRange> read(@Nullable List<@Nullable List<@Nullable Long>> given) {
    if (given == null || given.isEmpty()) {
      throw Refusal.malformed(
          "/items", "must name items as ranges without their ends: [[7, 8], [20, 40]]");
    }
    var ranges = new ArrayList<ItemRange>();
    for (int i = 0; i < given.size(); i++) {
      ranges.add(range(given.get(i), "/items/" + i));
    }
    var sorted = ranges.stream().sorted(Comparator.comparingLong(ItemRange::first)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).first() < sorted.get(i - 1).end()) {
        throw Refusal.malformed(
            "/items/" + ranges.lastIndexOf(sorted.get(i)),
            "overlaps " + text(sorted.get(i - 1)) + "; name each item once");
      }
    }
    return ranges;
  }

  private static ItemRange range(@Nullable List<@Nullable Long> pair, String pointer) {
    Long first = pair == null || pair.size() != 2 ? null : pair.get(0);
    Long end = pair == null || pair.size() != 2 ? null : pair.get(1);
    if (first == null || end == null) {
      throw Refusal.malformed(pointer, "must be two whole numbers, [first, end] without end");
    }
    if (first < 0 || end <= first) {
      throw Refusal.malformed(
          pointer, "must begin at 0 or above, and end above its first item: [7, 8] is item 7");
    }
    return new ItemRange(first, end);
  }

  /**
   * Refuses items that the job does not have.
   *
   * @param total how many items the job has
   */
  public static void check(List<ItemRange> ranges, long total) {
    for (int i = 0; i < ranges.size(); i++) {
      if (ranges.get(i).end() > total) {
        throw Refusal.invalid(
            "/items/" + i,
            text(ranges.get(i)) + " ends above the number of items, which is " + total);
      }
    }
  }

  private static String text(ItemRange items) {
    return "[" + items.first() + ", " + items.end() + "]";
  }
}
