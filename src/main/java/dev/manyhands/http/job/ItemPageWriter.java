package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.http.ItemInputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes pages of items with their inputs. One input is in memory at a time. */
public final class ItemPageWriter {
  /** A page ends after the item with which its inputs exceed this number of bytes. */
  private static final long MOST_INPUT_BYTES = 4L << 20;

  private final ItemInputs inputs;
  private final JsonMapper json;

  public ItemPageWriter(ItemInputs inputs, JsonMapper json) {
    this.inputs = inputs;
    this.json = json;
  }

  /**
   * Writes a page of items, each with its input as it was posted. Leaves items to the next page if
   * the inputs are large.
   */
  void write(Job job, ItemPage page, OutputStream out) throws IOException {
    out.write("{\"items\":[".getBytes(UTF_8));
    String next = page.next();
    if (!page.items().isEmpty()) {
      next = writeItems(job, page, out);
    }
    out.write(("],\"next\":" + quoted(next) + "}").getBytes(UTF_8));
  }

  /** Writes the items that have room; returns the cursor of the next one. */
  private @Nullable String writeItems(Job job, ItemPage page, OutputStream out) throws IOException {
    String separator = "";
    var written = new long[1];
    try (var cursor = inputs.of(job, new ItemRange(0, job.status().tally().total()))) {
      for (ItemPage.Listed item : page.items()) {
        if (written[0] > MOST_INPUT_BYTES) {
          return Long.toString(item.index());
        }
        out.write(separator.getBytes(UTF_8));
        separator = ",";
        cursor.read(
            item.index(),
            (bytes, start, end) -> {
              written[0] += end - start;
              var input = new String(bytes, start, end - start, UTF_8);
              out.write(json.writeValueAsBytes(item.withInput(input)));
            });
      }
    }
    return page.next();
  }

  private static String quoted(@Nullable String cursor) {
    return cursor == null ? "null" : "\"" + cursor + "\"";
  }
}
