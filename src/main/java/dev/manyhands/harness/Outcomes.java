package dev.manyhands.harness;

import dev.manyhands.model.combine.Combiner;
import dev.manyhands.model.combine.NotCombinableException;
import dev.manyhands.model.combine.Truth;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The outcomes of a chunk that were not sent yet, in the order of their items. */
final class Outcomes {

  /** Room for any header without its errors, and for the brackets around the values. */
  private static final int HEADER_BYTES = 512;

  /** Room for the times of an item. */
  private static final int TIMES_BYTES = 48;

  private static final long REPORT_NANOS = 1_000_000_000;
  private static final long EARLY_REPORT_NANOS = 100_000_000;

  private final FrameChannel channel;
  private final int frameBytes;
  private final int maxValueBytes;
  private final PeakMemory memory = new PeakMemory();
  private final ProcessorTime processor = new ProcessorTime();
  private final OutcomeText own;
  private final JsonWriter values;
  private final JsonWriter errors;
  private final JsonWriter frame;
  private long chunk;
  private long first;
  private long count;

  /** The combiner of the job; null if all results are kept. */
  private @Nullable Combiner combiner;

  private String reduction = "";
  private NonFinite nonFinite = NonFinite.ERROR;
  private boolean mayEndJob;

  /** Whether the service asked when each item ran. */
  private boolean isTimed;

  /** For each outcome: the thread, and when the item began and ended. */
  private final List<long[]> times = new ArrayList<>();

  /**
   * Whether truthy results count (true) or falsy ones (false). Null if no results count, or if only
   * the service can decide.
   */
  private @Nullable Boolean wanted;

  private long matched;

  /**
   * The bytes of the outcomes that were not sent, as they would be without a combiner. A combiner
   * makes them fewer.
   */
  private long unsentBytes;

  /** Time spent since the last report. The runner adds to it. */
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
    memory.beginChunk();
  }

  /**
   * Sets how results are reported from now on.
   *
   * @param wantedReduction the reduction of the results; null if all results are kept
   * @param match which results may end the job; null for none. Results that must equal a value are
   *     all sent, and the service compares them.
   * @param form what is written for NaN and the infinities
   * @param timed whether the times of each item are reported
   */
  void beginJob(
      @Nullable String wantedReduction, @Nullable String match, NonFinite form, boolean timed) {
    isTimed = timed;
    nonFinite = form;
    own.nonFinite(form);
    memory.beginJob();
    processor.beginJob();
    mayEndJob = match != null;
    String newReduction = "equals".equals(match) ? null : wantedReduction;
    reduction = newReduction == null ? "" : newReduction;
    combiner = newReduction == null ? null : Combiner.of(newReduction);
    wanted = "truthy".equals(match) ? Boolean.TRUE : "falsy".equals(match) ? Boolean.FALSE : null;
  }

  /** Returns how long outcomes may wait. The time is shorter if a result may end the job. */
  long reportNanos() {
    return mayEndJob ? EARLY_REPORT_NANOS : REPORT_NANOS;
  }

  /** Whether there is a result that may end the job and was not sent. */
  boolean hasMatch() {
    return matched > 0;
  }

  /** Notes when the next item to add, or to fail, ran. */
  void ran(long began, long ended) {
    own.ran(0, began, ended);
  }

  void add(long index, @Nullable Object result) throws IOException {
    own.result(index, result);
    keep(own);
  }

  void fail(long index, Failure failure) throws IOException {
    own.failure(index, failure);
    keep(own);
  }

  /** Returns an empty outcome for another thread to fill. */
  OutcomeText newText() {
    var text = new OutcomeText(maxValueBytes);
    text.nonFinite(nonFinite);
    return text;
  }

  /** Returns the most bytes of the outcomes in a frame. */
  int frameBytes() {
    return frameBytes;
  }

  /** Adds the next outcome. The other outcomes are sent first if it does not fit. */
  void keep(OutcomeText text) throws IOException {
    makeRoomFor(text);
    combine(text);
    unsentBytes += bytes(text);
    if (isTimed) {
      times.add(new long[] {text.thread(), text.beganNanos(), text.endedNanos()});
    }
    try {
      if (count++ > 0 && combiner == null) {
        values.put(',');
      }
      if (combiner == null) {
        values.append(text.value());
      }
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

  private void makeRoomFor(OutcomeText text) throws IOException {
    if (count > 0 && unsentBytes + bytes(text) > frameBytes) {
      send(false);
    }
  }

  private long bytes(OutcomeText text) {
    return text.bytes() + (isTimed ? TIMES_BYTES : 0);
  }

  private void combine(OutcomeText text) throws IOException {
    if (text.error() != null) {
      return;
    }
    byte[] json = text.value().bytes();
    int size = text.value().size();
    if (combiner != null) {
      try {
        combiner.add(first + count, json, 0, size);
      } catch (NotCombinableException e) {
        text.failure(
            first + count, new Failure("ERROR", "NotCombinable", "" + e.getMessage(), null));
        makeRoomFor(text);
        return;
      }
    }
    if (wanted != null && Truth.isTruthy(json, 0, size) == wanted) {
      matched++;
    }
  }

  /** Sends the outcomes, if there are any or if this is the last report. */
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
    unsentBytes = 0;
    matched = 0;
    combiner = combiner == null ? null : Combiner.of(reduction);
    values.clear();
    errors.clear();
    times.clear();
    frame.clear();
    runNanos = 0;
    readNanos = 0;
    writeNanos = 0;
  }

  /**
   * Sends the last outcomes of the chunk, and hands back the items that did not run.
   *
   * @param done number of items that ran
   * @param size number of items in the chunk
   */
  void end(int done, int size) throws IOException {
    send(done == size);
    if (done < size) {
      sendReturned(chunk, first);
    }
  }

  /** Hands back the items of a chunk from this one on. */
  void sendReturned(long ofChunk, long from) throws IOException {
    JsonWriter returned = new JsonWriter(256);
    try {
      returned.ascii("    {\"op\":\"returned\",\"chunk\":");
      returned.value(ofChunk);
      returned.ascii(",\"first\":");
      returned.value(from);
      returned.put('}');
    } catch (UnserializableException e) {
      throw new IllegalStateException(e);
    }
    channel.send(returned);
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
    long held = memory.take();
    if (held != PeakMemory.UNKNOWN) {
      frame.ascii(",\"rss\":");
      frame.value(held);
    }
    double used = processor.take(runNanos);
    if (used != ProcessorTime.UNKNOWN) {
      frame.ascii(",\"cpu\":");
      frame.value(used);
    }
    writeTimes();
    if (combiner != null) {
      frame.ascii(",\"combined\":true,\"matched\":");
      frame.value(matched);
    }
    if (errors.size() > 0) {
      frame.ascii(",\"errors\":[");
      frame.append(errors);
      frame.put(']');
    }
    if (combiner != null) {
      frame.ascii("}\n");
      for (byte b : combiner.partial()) {
        frame.put(b);
      }
      return;
    }
    frame.ascii("}\n[");
    frame.append(values);
    frame.put(']');
  }

  /** Writes the times as microseconds before now. */
  private void writeTimes() throws UnserializableException {
    long now = System.nanoTime();
    for (int i = 0; i < times.size(); i++) {
      long[] run = times.get(i);
      frame.ascii(i == 0 ? ",\"times\":[" : ",");
      frame.value(run[0]);
      frame.put(',');
      frame.value((now - run[1]) / 1_000);
      frame.put(',');
      frame.value((now - run[2]) / 1_000);
    }
    if (!times.isEmpty()) {
      frame.put(']');
    }
  }
}
