package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.json.JoinedValues;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a chunk's items.
 *
 * @param refused by index of the item: the reason why an item has no line
 */
record SentLines(ItemRange items, byte[] bytes, Map<Long, String> refused) {

  static SentLines of(LineForm form, ItemSource.Items items) {
    byte[] joined = items.joined();
    ItemRange range = items.range();
    var values =
        JoinedValues.of(joined, Math.toIntExact(range.count()), FrameChannel.RESULT_LIMITS);
    var lines = new ByteArrayOutputStream(joined.length + 1);
    var refused = new HashMap<Long, String>();
    for (int i = 0; i < values.count(); i++) {
      long index = range.first() + i;
      String problem = form.write(lines, index, joined, values.start(i), values.end(i));
      if (problem == null) {
        lines.write('\n');
      } else {
        refused.put(index, problem);
      }
    }
    return new SentLines(range, lines.toByteArray(), refused);
  }

  /** Returns whether the command has nothing to answer. */
  boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Returns why the item was not sent; null if it was sent. */
  @Nullable ItemError refusal(long index) {
    String problem = refused.get(index);
    return problem == null
        ? null
        : new ItemError(index, ItemError.Kind.ERROR, "NotText", problem, null, 1);
  }
}
