package dev.manyhands.engine.worker;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;

/** The source of the bytes of items. Called from many threads; may block. */
public interface ItemSource {

  /**
   * Returns the first of these items whose bytes together are at most about {@code maxBytes}, but
   * at least one item.
   *
   * @throws RuntimeException if they cannot be read now
   */
  Items read(Job job, ItemRange items, int maxBytes);

  /**
   * Adjacent items.
   *
   * @param joined their JSON, joined by commas
   */
  record Items(ItemRange range, byte[] joined) {}
}
