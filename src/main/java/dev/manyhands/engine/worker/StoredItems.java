package dev.manyhands.engine.worker;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobStore;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/**
 * The items of a job. They are cut out of the segments in the store, or made from the numbers or
 * the value that describe them. The segments that were used last are kept, because most chunks are
 * smaller than segments. Safe for use by any thread.
 */
public final class StoredItems implements ItemSource {
  private static final int SEGMENTS_KEPT = 16;

  /**
   * The most bytes of all kept segments. The segment that was used last is kept even if it is
   * larger.
   */
  private static final long BYTES_KEPT = 16L << 20;

  private final JobStore store;

  /** Most recently used first. Guarded by itself. */
  private final ArrayDeque<Segment> recent = new ArrayDeque<>();

  private record Segment(JobId job, ItemRange items, JoinedValues values) {}

  public StoredItems(JobStore store) {
    this.store = store;
  }

  @Override
  public Items read(Job job, ItemRange items, int maxBytes) {
    return switch (job.spec().inputs()) {
      case Inputs.Listed _, Inputs.Open _, Inputs.Results _ -> listed(job.id(), items, maxBytes);
      case Inputs.Range range -> numbers(range, items, maxBytes);
      case Inputs.Repeat repeat -> copies(repeat, items, maxBytes);
    };
  }

  private Items listed(JobId job, ItemRange items, int maxBytes) {
    var joined = new ByteArrayOutputStream();
    long next = items.first();
    while (next < items.end() && joined.size() < maxBytes) {
      Segment segment = segment(job, next);
      int from = (int) (next - segment.items().first());
      int to = (int) (Math.min(items.end(), segment.items().end()) - segment.items().first());
      int start = segment.values().start(from);
      int fitting = fitting(segment.values(), from, to, start + (long) maxBytes - joined.size());
      if (joined.size() > 0) {
        joined.write(',');
      }
      joined.write(segment.values().bytes(), start, segment.values().end(fitting - 1) - start);
      next = segment.items().first() + fitting;
      if (fitting < to) {
        break;
      }
    }
    return new Items(new ItemRange(items.first(), next), joined.toByteArray());
  }

  /**
   * Returns the end of the items from {@code from} on whose bytes end at {@code end} or before: at
   * least one item, and at most those up to {@code to}.
   */
  private static int fitting(JoinedValues values, int from, int to, long end) {
    if (values.end(to - 1) <= end) {
      return to;
    }
    int fitting = from + 1;
    while (fitting < to && values.end(fitting) <= end) {
      fitting++;
    }
    return fitting;
  }

  private Segment segment(JobId job, long index) {
    synchronized (recent) {
      for (Segment segment : recent) {
        if (segment.job().equals(job) && segment.items().contains(index)) {
          recent.remove(segment);
          recent.addFirst(segment);
          return segment;
        }
      }
    }
    InputSegment read = store.inputsAt(job, index);
    int count = Math.toIntExact(read.items().count());
    var values = JoinedValues.stored(read.bytes(), count);
    var segment = new Segment(job, read.items(), values);
    synchronized (recent) {
      recent.addFirst(segment);
      while (recent.size() > 1 && (recent.size() > SEGMENTS_KEPT || keptBytes() > BYTES_KEPT)) {
        recent.removeLast();
      }
    }
    return segment;
  }

  private long keptBytes() {
    return recent.stream().mapToLong(segment -> segment.values().bytes().length).sum();
  }

  private static Items numbers(Inputs.Range range, ItemRange items, int maxBytes) {
    var joined = new StringBuilder();
    long next = items.first();
    while (next < items.end() && joined.length() < maxBytes) {
      if (next > items.first()) {
        joined.append(',');
      }
      joined.append(range.start() + next * range.step());
      next++;
    }
    return new Items(
        new ItemRange(items.first(), next), joined.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private static Items copies(Inputs.Repeat repeat, ItemRange items, int maxBytes) {
    byte[] value = repeat.value().getBytes(StandardCharsets.UTF_8);
    long count = Math.clamp(maxBytes / (value.length + 1L), 1, items.count());
    var joined = new ByteArrayOutputStream((int) (count * (value.length + 1)));
    for (long i = 0; i < count; i++) {
      if (i > 0) {
        joined.write(',');
      }
      joined.writeBytes(value);
    }
    return new Items(ItemRange.ofCount(items.first(), count), joined.toByteArray());
  }
}
