package dev.manyhands.http.result;

import dev.manyhands.http.ItemInputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Word;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes results in input order, straight from the store. Values are copied as bytes, and one
 * report is in memory at a time.
 */
public final class ResultsWriter {
  private static final byte[] NULL = bytes("null");

  /**
   * The most bytes of errors in one page. Errors follow all values, so they are held until then.
   */
  private static final long MOST_ERROR_BYTES = 16L << 20;

  private final JobStore store;
  private final ItemInputs inputs;
  private final JsonMapper json;

  public ResultsWriter(JobStore store, ItemInputs inputs, JsonMapper json) {
    this.store = store;
    this.inputs = inputs;
    this.json = json;
  }

  /** Receives the outcomes of a job in input order, without a gap. */
  private interface Sink {
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
  }

  /**
   * Hands the finished items of a range to the sink, up to the first that is not finished, or until
   * the sink is full.
   *
   * @param sent counts each item
   * @return the first item that was not handed over
   * @throws JobGoneException when the job is deleted before all were handed over
   */
  private long walk(Job job, ItemRange wanted, Sink sink, Sent sent) {
    boolean ended = job.status().state().isTerminal();
    var cursor =
        new Object() {
          long next = wanted.first();
          boolean stopped;
        };
    store.streamOutcomes(
        job.id(),
        wanted,
        report -> {
          ItemRange items = report.outcomes().items();
          boolean isGap = items.first() > cursor.next;
          if ((isGap && !ended) || sink.isFull()) {
            cursor.stopped = true;
            return false;
          }
          try {
            if (isGap) {
              cursor.next = none(sink, cursor.next, items.first(), sent);
              cursor.stopped = cursor.next < items.first();
            }
            if (cursor.stopped) {
              return false;
            }
            long first = Math.max(items.first(), cursor.next);
            long end = Math.min(items.end(), wanted.end());
            hand(job, report, new ItemRange(first, end), sink, sent);
            cursor.next = end;
            return true;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    if (ended && !cursor.stopped && cursor.next < wanted.end()) {
      try {
        cursor.next = none(sink, cursor.next, wanted.end(), sent);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return cursor.next;
  }

  /** Hands over items without an outcome as skipped. Their job has ended and still exists. */
  private static long none(Sink sink, long first, long end, Sent sent) throws IOException {
    long next = sink.none(new ItemRange(first, end));
    sent.skipped(next - first);
    return next;
  }

  private static void hand(Job job, OutcomeReport report, ItemRange part, Sink sink, Sent sent)
      throws IOException {
    var outcomes = report.outcomes();
    var errors = outcomes.errors().stream().filter(error -> part.contains(error.index())).toList();
    sent.finished(part.count(), errors.size());
    if (job.spec().reduce() != Reduce.LIST) {
      sink.combined(part, errors);
      return;
    }
    var values = JoinedValues.stored(outcomes.values(), Math.toIntExact(outcomes.items().count()));
    sink.values(part, values, (int) (part.first() - outcomes.items().first()), errors);
  }

  /** Writes a page as one JSON object. */
  void page(Job job, ItemRange wanted, Include include, OutputStream out) throws IOException {
    out.write(bytes("{\"offset\":" + wanted.first() + ",\"results\":"));
    var array = new ArraySink(job, wanted.first(), out, () -> false);
    var sent = new Sent();
    long next = array.write(wanted, sent);
    boolean complete = sent.isCompleteFor(job);
    if (include == Include.INPUT) {
      out.write(bytes(",\"inputs\":["));
      if (next > wanted.first()) {
        inputs.copy(job, new ItemRange(wanted.first(), next), out);
      }
      out.write(']');
    }
    out.write(bytes(",\"errors\":"));
    out.write(json.writeValueAsBytes(array.errors));
    out.write(bytes(",\"skipped\":"));
    out.write(json.writeValueAsBytes(array.skipped));
    if (job.spec().reduce() != Reduce.LIST) {
      out.write(bytes(",\"reduce\":\"" + Word.of(job.spec().reduce()) + "\""));
    }
    out.write(bytes(",\"complete\":" + complete + ",\"next\":" + next(job, next) + "}"));
  }

  /**
   * Returns where to continue, as JSON: the index of an item that exists or may come, or {@code
   * null}.
   */
  static String next(Job job, long index) {
    JobStatus status = job.status();
    boolean more = index < status.tally().total() || status.inputsOpen();
    return more ? Long.toString(index) : "null";
  }

  /**
   * Writes the values alone, as a JSON array with {@code null} where there is none. Stops when the
   * output exceeds {@code mostBytes}.
   */
  public void array(Job job, ItemRange wanted, ByteArrayOutputStream out, int mostBytes)
      throws IOException {
    new ArraySink(job, wanted.first(), out, () -> out.size() > mostBytes).write(wanted, new Sent());
  }

  /** Returns the errors of the first failed items, at most this many. */
  public List<ItemError> firstErrors(Job job, int most) {
    var errors = new ArrayList<ItemError>();
    store.errors(
        job.id(),
        new ItemRange(0, job.status().tally().total()),
        error -> {
          errors.add(error);
          return errors.size() < most;
        });
    return errors;
  }

  /** Writes values as they come, and keeps the ranges and errors of missing ones for the page. */
  private final class ArraySink implements Sink {
    private final Job job;
    private final long first;
    private final OutputStream out;
    private final BooleanSupplier hasEnough;
    final List<ItemError> errors = new ArrayList<>();
    private long errorBytes;

    /** Ranges of items without an outcome, each as its first index and its end. */
    final List<long[]> skipped = new ArrayList<>();

    ArraySink(Job job, long first, OutputStream out, BooleanSupplier hasEnough) {
      this.job = job;
      this.first = first;
      this.out = out;
      this.hasEnough = hasEnough;
    }

    long write(ItemRange wanted, Sent sent) throws IOException {
      out.write('[');
      long next = walk(job, wanted, this, sent);
      out.write(']');
      return next;
    }

    @Override
    public void values(ItemRange items, JoinedValues values, int from, List<ItemError> failed)
        throws IOException {
      comma(items.first());
      int last = from + Math.toIntExact(items.count()) - 1;
      out.write(values.bytes(), values.start(from), values.end(last) - values.start(from));
      keep(failed);
    }

    @Override
    public void combined(ItemRange items, List<ItemError> failed) {
      keep(failed);
    }

    private void keep(List<ItemError> failed) {
      errors.addAll(failed);
      failed.forEach(error -> errorBytes += error.weight());
    }

    @Override
    public boolean isFull() {
      return errorBytes > MOST_ERROR_BYTES || hasEnough.getAsBoolean();
    }

    @Override
    public long none(ItemRange items) throws IOException {
      long next = items.first();
      for (; next < items.end() && !isFull(); next++) {
        if (job.spec().reduce() == Reduce.LIST) {
          comma(next);
          out.write(NULL);
        }
      }
      skipped.add(new long[] {items.first(), next});
      return next;
    }

    private void comma(long index) throws IOException {
      if (index > first) {
        out.write(',');
      }
    }
  }

  /**
   * Writes a line for each item, to the first that is not finished.
   *
   * @return the first item that has no line
   */
  long lines(Job job, ItemRange wanted, Include include, OutputStream out, Sent sent) {
    var lines = new ResultLines(json, false, out);
    return walk(
        job, wanted, new LinesSink(job, lines, include == Include.INPUT ? inputs : null), sent);
  }

  /**
   * Writes a line for each item. For a job that reduces its results, writes lines only for errors
   * and for items without an outcome.
   *
   * @param inputs null for lines without inputs
   */
  private record LinesSink(Job job, ResultLines lines, @Nullable ItemInputs inputs)
      implements Sink {

    @Override
    public void values(ItemRange items, JoinedValues values, int from, List<ItemError> errors)
        throws IOException {
      lines.withInputs(
          inputs,
          job,
          items,
          () -> {
            long _ = lines.items(items, values, from, errors, 0);
          });
    }

    @Override
    public void combined(ItemRange items, List<ItemError> errors) throws IOException {
      lines.withInputs(
          inputs,
          job,
          items,
          () -> {
            for (ItemError error : errors) {
              lines.error(error, error.index());
            }
          });
    }

    @Override
    public long none(ItemRange items) throws IOException {
      lines.withInputs(
          inputs,
          job,
          items,
          () -> {
            for (long i = items.first(); i < items.end(); i++) {
              lines.skipped(i, i);
            }
          });
      return items.end();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
