package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.List;

/** The state of items when a request to cancel them is answered. */
public record ItemFate(ItemRange items, State state) {

  /** The state of items. */
  public enum State {
    /** The items have no outcome, and will have none. */
    CANCELLED,
    /** A worker has the items, the memo looks them up, or the scheduler does not have them yet. */
    RUNNING,
    /** The items have an outcome. */
    DONE
  }

  /** Joins neighbours that have one state. The fates must be ascending. */
  public static List<ItemFate> joined(List<ItemFate> fates) {
    var joined = new ArrayList<ItemFate>();
    for (ItemFate fate : fates) {
      ItemFate last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && last.state == fate.state && last.items.end() == fate.items.first()) {
        joined.removeLast();
        joined.add(new ItemFate(new ItemRange(last.items.first(), fate.items.end()), fate.state));
      } else {
        joined.add(fate);
      }
    }
    return joined;
  }
}
