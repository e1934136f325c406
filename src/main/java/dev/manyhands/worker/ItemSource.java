package dev.manyhands.worker;

import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;

/** Where the bytes of items come from. Called from many threads; may block. */
public interface ItemSource {

  /**
   * The first of these items whose bytes together are at most about {@code maxBytes}, at least one.
   *
   * @throws RuntimeException if they cannot be had now
   */
  Items read(Job job, ItemRange items, int maxBytes);

  /**
   * Items next to each other.
   *
   * @param joined their JSON, joined by commas
   */
  record Items(ItemRange range, byte[] joined) {}
}
