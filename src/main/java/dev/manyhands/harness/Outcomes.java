package dev.manyhands.harness;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a chunk that were not sent yet. A result is written down as soon as it is there:
 * the function may go on to change it, and the memory it takes is known.
 */
final class Outcomes {

  /** More than any header without its errors, and than the brackets around the values. */
  private static final int HEADER_BYTES = 512;

  private final FrameChannel channel;
  private final int frameBytes;
  private final JsonWriter value;
  private final JsonWriter error;
  private final JsonWriter values;
  private final JsonWriter errors;
  private final JsonWriter frame;
  private long chunk;
  private long first;
  private long count;

  /** Added to by the runner; what was spent since the last report. */
  long runNanos;

  long readNanos;
  long writeNanos;

  Outcomes(FrameChannel channel, int maxResultBytes, int maxFrameBytes) {
    this.channel = channel;
    this.frameBytes = maxFrameBytes - HEADER_BYTES;
    this.value = new JsonWriter(Math.min(maxResultBytes, frameBytes));
    this.error = new JsonWriter(Integer.MAX_VALUE - 8);
    this.values = new JsonWriter(Integer.MAX_VALUE - 8);
    this.errors = new JsonWriter(Integer.MAX_VALUE - 8);
    this.frame = new JsonWriter(Integer.MAX_VALUE - 8);
  }

  void begin(long newChunk, long newFirst) {
    chunk = newChunk;
    first = newFirst;
  }

  void add(long index, @Nullable Object result) throws IOException {
    value.clear();
    try {
      value.value(result);
    } catch (UnserializableException e) {
      fail(index, Failure.unserializable(result == null ? "" : result, e));
      return;
    } catch (Throwable e) { // of the user's accessors and iterators, or for want of memory
      fail(index, Failure.of(e));
      return;
    }
    try {
      keep(null);
    } catch (UnserializableException e) {
      throw new IllegalStateException(e);
    }
  }

  void fail(long index, Failure failure) throws IOException {
    try {
      value.clear();
      value.ascii("null");
      error.clear();
      error.ascii("{\"index\":");
      error.value(index);
      error.ascii(",\"kind\":");
      error.string(failure.kind());
      error.put(',');
      failure.writeTo(error);
      error.put('}');
      keep(error);
    } catch (UnserializableException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes over the outcome in {@link #value}, after sending the others if it does not fit. */
  private void keep(@Nullable JsonWriter failure) throws IOException, UnserializableException {
    long more = value.size() + 1L + (failure == null ? 0 : failure.size() + 1);
    if (count > 0 && values.size() + errors.size() + more > frameBytes) {
      send(false);
    }
    if (count++ > 0) {
      values.put(',');
    }
    values.append(value);
    if (failure != null) {
      if (errors.size() > 0) {
        errors.put(',');
      }
      errors.append(failure);
    }
  }

  /** Reports what is there, if anything is. */
  void send(boolean last) throws IOException {
    if (count == 0 && !last) {
      return;
    }
    try {
      writeFrame(last);
    } catch (UnserializableException e) {
      throw new IllegalStateException(e);
    }
    channel.send(frame);
    first += count;
    count = 0;
    values.clear();
    errors.clear();
    frame.clear();
    runNanos = 0;
    readNanos = 0;
    writeNanos = 0;
  }

  private void writeFrame(boolean last) throws UnserializableException {
    frame.clear();
    frame.ascii("    {\"op\":\"outcomes\",\"chunk\":");
    frame.value(chunk);
    frame.ascii(",\"first\":");
    frame.value(first);
    frame.ascii(",\"count\":");
    frame.value(count);
    frame.ascii(last ? ",\"last\":true" : ",\"last\":false");
    frame.ascii(",\"run\":");
    frame.value(runNanos / 1e9);
    frame.ascii(",\"read\":");
    frame.value(readNanos / 1e9);
    frame.ascii(",\"write\":");
    frame.value(writeNanos / 1e9);
    if (errors.size() > 0) {
      frame.ascii(",\"errors\":[");
      frame.append(errors);
      frame.put(']');
    }
    frame.ascii("}\n[");
    frame.append(values);
    frame.put(']');
  }
}
