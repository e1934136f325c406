package dev.manyhands.http.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.manyhands.http.ItemInputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Word;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
   * A page ends after the report with which its errors exceed this number of bytes. Errors follow
   * all values, so they are held until then.
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

  /**
   * Writes a page as one JSON object.
   *
   * @param withData whether errors have their {@code data}
   */
  void page(
      ResultSource source, ItemRange wanted, Include include, boolean withData, OutputStream out)
      throws IOException {
    Job job = source.items();
    out.write(bytes("{\"offset\":" + wanted.first() + ",\"results\":"));
    var array = new ArraySink(job, wanted.first(), out, () -> false, withData);
    var sent = new Sent(wanted.first());
    long next = array.write(source, wanted, sent);
    boolean complete = source.isComplete(sent, next);
    if (include == Include.INPUT) {
      out.write(bytes(",\"inputs\":["));
      if (next > wanted.first()) {
        inputs.copy(job, new ItemRange(wanted.first(), next), out);
      }
      out.write(']');
    }
    out.write(bytes(",\"errors\":"));
    out.write(json.writeValueAsBytes(listed(array.errors, source)));
    out.write(bytes(",\"skipped\":"));
    out.write(json.writeValueAsBytes(array.skipped));
    if (job.spec().reduce() != Reduce.LIST) {
      out.write(bytes(",\"reduce\":\"" + Word.of(job.spec().reduce()) + "\""));
    }
    out.write(bytes(",\"complete\":" + complete + ",\"next\":" + source.next(next) + "}"));
  }

  /**
   * An error in a page.
   *
   * @param parentIndex of the item, in the parent of a retry; null elsewhere
   */
  private record Listed(
      @JsonUnwrapped ItemError error,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long parentIndex) {}

  private static List<Listed> listed(List<ItemError> errors, ResultSource source) {
    return errors.stream().map(error -> new Listed(error, source.parentOf(error.index()))).toList();
  }

  /**
   * Writes the values alone, as a JSON array with {@code null} where there is none. Stops when the
   * output exceeds {@code mostBytes}; the array then lacks values.
   *
   * @return whether the array has all these values, and agrees with the counts of the ended job
   */
  public boolean array(Job job, ItemRange wanted, ByteArrayOutputStream out, int mostBytes)
      throws IOException {
    var source = new OwnResults(store, job);
    var sent = new Sent(wanted.first());
    long next =
        new ArraySink(job, wanted.first(), out, () -> out.size() > mostBytes, false)
            .write(source, wanted, sent);
    return out.size() <= mostBytes && source.isComplete(sent, next);
  }

  /** Returns the errors of the first failed items, at most this many. */
  public List<ItemError> firstErrors(Job job, int most) {
    var errors = new ArrayList<ItemError>();
    store.failedItems(
        job.id(),
        new ItemRange(0, job.status().tally().total()),
        failed -> {
          errors.add(failed.error());
          return errors.size() < most;
        });
    return errors;
  }

  /** Writes values as they come, and keeps the ranges and errors of missing ones for the page. */
  private static final class ArraySink implements ResultSink {
    private final Job job;
    private final long first;
    private final OutputStream out;
    private final BooleanSupplier hasEnough;
    private final boolean withData;
    final List<ItemError> errors = new ArrayList<>();
    private long errorBytes;

    /** Ranges of items without an outcome, each as its first index and its end. */
    final List<long[]> skipped = new ArrayList<>();

    ArraySink(Job job, long first, OutputStream out, BooleanSupplier hasEnough, boolean withData) {
      this.withData = withData;
      this.job = job;
      this.first = first;
      this.out = out;
      this.hasEnough = hasEnough;
    }

    long write(ResultSource source, ItemRange wanted, Sent sent) throws IOException {
      out.write('[');
      long next = source.walk(wanted, counting(sent));
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
      for (ItemError error : failed) {
        ItemError kept = withData ? error : error.withoutData();
        errors.add(kept);
        errorBytes += kept.weight();
      }
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
   * Writes a line for each item, up to the first that is not finished.
   *
   * @return the first item that is not finished; the end of the range if all are
   */
  long lines(ResultSource source, ItemRange wanted, Include include, OutputStream out, Sent sent) {
    var lines = new ResultLines(json, false, source::parentOf, out);
    var sink = new LinesSink(source.items(), lines, include == Include.INPUT ? inputs : null);
    return source.walk(wanted, sink.counting(sent));
  }

  /**
   * Writes the line at the end of a stream. The line has the error of the job, if it failed as a
   * whole.
   *
   * @param next as JSON
   */
  void end(Job job, String next, boolean complete, OutputStream out) throws IOException {
    JobError error = job.status().error();
    String member = error == null ? "" : ",\"error\":" + json.writeValueAsString(error);
    out.write(
        bytes(
            "{\"end\":{\"state\":\"%s\"%s,\"complete\":%b,\"next\":%s}}\n"
                .formatted(job.status().state(), member, complete, next)));
  }

  /**
   * Writes a line for each item. For a job that reduces its results, writes lines only for errors
   * and for items without an outcome.
   *
   * @param inputs null for lines without inputs
   */
  private record LinesSink(Job job, ResultLines lines, @Nullable ItemInputs inputs)
      implements ResultSink {

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
