package dev.manyhands.http.result;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.json.JoinedValues;
import java.io.IOException;
import java.util.List;

/** Receives outcomes in input order, without a gap. Used by one thread. */
interface ResultSink {
  /**
   * Takes items of a job that keeps its results.
   *
   * @param from the position of the first item among the values
   * @param errors of the failed ones of these items, in order
   */
  void values(ItemRange items, JoinedValues values, int from, List<ItemError> errors)
      throws IOException;

  /** Takes items of a job that reduces its results: only the errors of each item are known. */
  void combined(ItemRange items, List<ItemError> errors) throws IOException;

  /**
   * Takes items without an outcome.
   *
   * @return the first item that the sink did not take because it is full; the end if it took all
   */
  long none(ItemRange items) throws IOException;

  /** Whether the sink takes no more items. */
  default boolean isFull() {
    return false;
  }

  /** Returns a sink that counts the items that this sink takes. */
  default ResultSink counting(Sent sent) {
    ResultSink sink = this;
    return new ResultSink() {
      @Override
      public void values(ItemRange items, JoinedValues values, int from, List<ItemError> errors)
          throws IOException {
        sent.finished(items.count(), errors.size());
        sink.values(items, values, from, errors);
      }

      @Override
      public void combined(ItemRange items, List<ItemError> errors) throws IOException {
        sent.finished(items.count(), errors.size());
        sink.combined(items, errors);
      }

      @Override
      public long none(ItemRange items) throws IOException {
        long next = sink.none(items);
        sent.skipped(next - items.first());
        return next;
      }

      @Override
      public boolean isFull() {
        return sink.isFull();
      }
    };
  }
}
