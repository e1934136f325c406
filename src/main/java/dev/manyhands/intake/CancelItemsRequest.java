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

  /**
   * Returns the items.
   *
   * @throws Refusal if there are none, or if a range is empty or overlaps another one
   */
  public List<ItemRange> ranges() {
    return NamedItems.read(items);
  }

  public boolean forces() {
    return Boolean.TRUE.equals(force);
  }
}
