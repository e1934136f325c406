package dev.manyhands.engine.memo;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.MemoKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Some items of a job with their keys.
 *
 * @param keys one for each item
 */
record KeyedItems(ItemRange items, List<MemoKey> keys) {
  /** The most bytes of inputs in one read. The rest is left for the next read. */
  private static final int MAX_BYTES = 1 << 20;

  /** Reads the first of these items: as many as fit in about a megabyte. */
  static KeyedItems read(ItemSource source, Job job, ItemRange wanted, ItemKeys keys) {
    var read = source.read(job, wanted, MAX_BYTES);
    int count = Math.toIntExact(read.range().count());
    var inputs = JoinedValues.stored(read.joined(), count);
    var found = new ArrayList<MemoKey>(count);
    for (int i = 0; i < count; i++) {
      long index = read.range().first() + i;
      found.add(keys.of(index, inputs.bytes(), inputs.start(i), inputs.end(i)));
    }
    return new KeyedItems(read.range(), found);
  }
}
