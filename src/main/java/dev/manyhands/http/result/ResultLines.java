package dev.manyhands.http.result;

import dev.manyhands.http.ItemInputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.json.JoinedValues;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes results as lines of JSON, one for each item: its index, and its value, its error, or a
 * mark that it has no outcome. Each line also has its place, {@code at}, if the order is not that
 * of the indexes. A reader that was cut off after any line then knows where to continue. A line of
 * a retry also has the index in the parent. A line has the input of its item while inputs are open.
 */
final class ResultLines {
  private final JsonMapper json;
  private final boolean withPlaces;
  private final LongFunction<@Nullable Long> parents;
  private final OutputStream out;
  private ItemInputs.@Nullable Cursor inputs;

  /**
   * @param parents returns the index in the parent of an item of a retry, and null for others
   */
  ResultLines(
      JsonMapper json, boolean withPlaces, LongFunction<@Nullable Long> parents, OutputStream out) {
    this.json = json;
    this.parents = parents;
    this.withPlaces = withPlaces;
    this.out = out;
  }

  /** Writes the lines of some items. */
  @FunctionalInterface
  interface Part {
    void write() throws IOException;
  }

  /**
   * Writes lines with inputs. The lines are about these items, in ascending order.
   *
   * @param source of the inputs; null for lines without inputs
   */
  void withInputs(@Nullable ItemInputs source, Job job, ItemRange items, Part part)
      throws IOException {
    if (source == null) {
      part.write();
      return;
    }
    try (var opened = source.of(job, items)) {
      inputs = opened;
      part.write();
    } finally {
      inputs = null;
    }
  }

  /**
   * Writes a line for each item: its error if it has one, else its value.
   *
   * @param from the position of the first item among the values
   * @param errors by ascending index; errors of other items are passed over
   * @param shift added to the index of an item, gives its place
   * @return the number of failed items
   */
  long items(ItemRange items, JoinedValues values, int from, List<ItemError> errors, long shift)
      throws IOException {
    long failed = 0;
    int next = 0;
    int number = from;
    for (long index = items.first(); index < items.end(); index++, number++) {
      while (next < errors.size() && errors.get(next).index() < index) {
        next++;
      }
      if (next < errors.size() && errors.get(next).index() == index) {
        error(errors.get(next), index + shift);
        failed++;
      } else {
        value(index, index + shift, values, number);
      }
    }
    return failed;
  }

  /**
   * @param number the position among the values
   */
  private void value(long index, long place, JoinedValues values, int number) throws IOException {
    begin(index, place);
    write("\"value\":");
    oneLine(values.bytes(), values.start(number), values.end(number));
    write("}\n");
  }

  void error(ItemError error, long place) throws IOException {
    begin(error.index(), place);
    write("\"error\":");
    out.write(json.writeValueAsBytes(error));
    write("}\n");
  }

  void skipped(long index, long place) throws IOException {
    begin(index, place);
    write("\"skipped\":true}\n");
  }

  private void begin(long index, long place) throws IOException {
    write(
        withPlaces
            ? "{\"index\":" + index + ",\"at\":" + place + ","
            : "{\"index\":" + index + ",");
    Long parent = parents.apply(index);
    if (parent != null) {
      write("\"parentIndex\":" + parent + ",");
    }
    if (inputs != null) {
      write("\"input\":");
      inputs.read(index, this::oneLine);
      write(",");
    }
  }

  // Line feeds between the tokens of a value are legal JSON, but would break the line.
  private void oneLine(byte[] bytes, int start, int end) throws IOException {
    int from = start;
    for (int i = start; i < end; i++) {
      if (bytes[i] == '\n' || bytes[i] == '\r') {
        out.write(bytes, from, i - from);
        from = i + 1;
      }
    }
    out.write(bytes, from, end - from);
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
