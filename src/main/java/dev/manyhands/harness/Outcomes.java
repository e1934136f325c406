package dev.manyhands.harness;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The outcomes of a chunk that were not sent yet, in the order of their items. */
final class Outcomes {

  /** More than any header without its errors, and than the brackets around the values. */
  private static final int HEADER_BYTES = 512;

  private final FrameChannel channel;
  private final int frameBytes;
  private final int maxValueBytes;
  private final OutcomeText own;
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
    this.maxValueBytes = Math.min(maxResultBytes, frameBytes);
    this.own = newText();
    this.values = new JsonWriter(Integer.MAX_VALUE - 8);
    this.errors = new JsonWriter(Integer.MAX_VALUE - 8);
    this.frame = new JsonWriter(Integer.MAX_VALUE - 8);
  }

  void begin(long newChunk, long newFirst) {
    chunk = newChunk;
    first = newFirst;
  }

  void add(long index, @Nullable Object result) throws IOException {
    own.result(index, result);
    keep(own);
  }

  void fail(long index, Failure failure) throws IOException {
    own.failure(index, failure);
    keep(own);
  }

  /** For an outcome that another thread writes down. */
  OutcomeText newText() {
    return new OutcomeText(maxValueBytes);
  }

  /** What the outcomes of a frame may take. */
  int frameBytes() {
    return frameBytes;
  }

  /** Takes over the next outcome, after sending the others if it does not fit. */
  void keep(OutcomeText text) throws IOException {
    if (count > 0 && values.size() + errors.size() + text.bytes() > frameBytes) {
      send(false);
    }
    try {
      if (count++ > 0) {
        values.put(',');
      }
      values.append(text.value());
      JsonWriter error = text.error();
      if (error != null) {
        if (errors.size() > 0) {
          errors.put(',');
        }
        errors.append(error);
      }
    } catch (UnserializableException e) {
      throw new IllegalStateException(e);
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
