package dev.manyhands.intake;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Refusal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /jobs/{id}/items/cancel}.
 *
 * @param items ranges, as {@link NamedItems} reads them
 * @param force whether items that run are stopped; null for no
 */
public record CancelItemsRequest(
    @Nullable List<@Nullable List<@Nullable Long>> items, @Nullable Boolean force) {
  /** The scheduler handles the ranges of a request, and its answer has them all. */
  private static final int MOST_RANGES = 1_000;

  /**
   * Returns the items.
   *
   * @throws Refusal if there are none or too many ranges, or if a range is empty or overlaps
   *     another one
   */
  public List<ItemRange> ranges() {
    if (items != null && items.size() > MOST_RANGES) {
      throw Refusal.malformed(
          "/items",
          "has "
              + items.size()
              + " ranges, but at most "
              + MOST_RANGES
              + " may be in one request; name the others in further requests");
    }
    return NamedItems.read(items);
  }

  public boolean forces() {
    return Boolean.TRUE.equals(force);
  }
}
