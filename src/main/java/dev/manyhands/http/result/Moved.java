package dev.manyhands.http.result;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.json.JoinedValues;
import java.io.IOException;
import java.util.List;

/**
 * Hands one item of a retry on, under its index in the parent.
 *
 * @param index in the parent
 */
record Moved(ResultSink sink, long index) implements ResultSink {
  @Override
  public void values(ItemRange items, JoinedValues values, int from, List<ItemError> errors)
      throws IOException {
    sink.values(place(), values, from, errors.stream().map(e -> e.withIndex(index)).toList());
  }

  @Override
  public void combined(ItemRange items, List<ItemError> errors) throws IOException {
    sink.combined(place(), errors.stream().map(e -> e.withIndex(index)).toList());
  }

  @Override
  public long none(ItemRange items) throws IOException {
    return sink.none(place()) == index ? items.first() : items.end();
  }

  @Override
  public boolean isFull() {
    return sink.isFull();
  }

  private ItemRange place() {
    return ItemRange.ofCount(index, 1);
  }
}
