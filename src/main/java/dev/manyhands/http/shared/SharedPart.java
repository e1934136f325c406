package dev.manyhands.http.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.shared.SharedContent;
import dev.manyhands.engine.shared.SharedContent.Entry;
import dev.manyhands.http.SharedView;
import dev.manyhands.model.SharedKind;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes a part of what a shared object holds, as JSON. The values are copied as bytes. */
final class SharedPart {
  /** A part ends after the entry with which its keys and values exceed this number of bytes. */
  private static final long MOST_BYTES = 1L << 20;

  private final JsonMapper json;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private SharedPart(JsonMapper json) {
    this.json = json;
  }

  /**
   * @param offset the index of the first entry in its object
   */
  static byte[] of(SharedContent content, long offset, JsonMapper json) {
    return new SharedPart(json).write(content, offset);
  }

  private byte[] write(SharedContent content, long offset) {
    byte[] view = json.writeValueAsBytes(SharedView.of(content.summary()));
    out.write(view, 0, view.length - 1); // the object goes on
    Long next = content.next();
    SharedKind kind = content.summary().kind();
    switch (kind) {
      case DICT, LIST, QUEUE -> {
        write(kind == SharedKind.DICT ? ",\"entries\":[" : ",\"elements\":[");
        int written = entries(content.entries());
        next = written < content.entries().size() ? (Long) (offset + written) : next;
        write("]");
      }
      case VALUE, LOCK, SEMAPHORE -> {
        // The view has all there is.
      }
    }
    write(",\"next\":" + next + "}");
    return out.toByteArray();
  }

  /** Writes the entries that have room; returns how many. */
  private int entries(List<Entry> entries) {
    long bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (bytes > MOST_BYTES) {
        return i;
      }
      Entry entry = entries.get(i);
      write(i == 0 ? "" : ",");
      bytes += entry(entry.key(), entry.value());
    }
    return entries.size();
  }

  private long entry(@Nullable String key, byte[] value) {
    if (key != null) {
      write("{\"key\":" + key + ",\"value\":");
    }
    out.writeBytes(value);
    if (key != null) {
      write("}");
    }
    return value.length + (key == null ? 0L : key.length());
  }

  private void write(String text) {
    out.writeBytes(text.getBytes(UTF_8));
  }
}
