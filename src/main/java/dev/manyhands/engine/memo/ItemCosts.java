package dev.manyhands.engine.memo;

import dev.manyhands.model.ItemRange;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Holds the average time of an item in a function's last report, for the functions used last.
 *
 * <p>Owned by one thread.
 */
final class ItemCosts {
  /**
   * The approximate cost of a run of known items between unknown ones: a separate report, and one
   * more chunk.
   */
  private static final double PIECE_SECONDS = 300e-6;

  private static final int MOST_FUNCTIONS = 1_000;

  private final Map<String, Double> secondsOfFunction =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Double> eldest) {
          return size() > MOST_FUNCTIONS;
        }
      };

  /** Records that these items took this long together. */
  void ran(String function, ItemRange items, double seconds) {
    secondsOfFunction.put(function, seconds / items.count());
  }

  /**
   * Returns the shortest run of known items that is worth a separate report. A shorter run is
   * computed again in less time. 1 for a function that has not run.
   */
  long worthwhile(String function) {
    Double seconds = secondsOfFunction.get(function);
    return seconds == null ? 1 : (long) Math.ceil(PIECE_SECONDS / Math.max(seconds, 1e-9));
  }
}
