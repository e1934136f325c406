package dev.manyhands.http.result;

import dev.manyhands.http.ItemInputs;
import dev.manyhands.http.ParentIndexes;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.Completion;
import dev.manyhands.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes results in the order in which they were recorded. Every item gets a place in this order.
 * Items with an outcome come first, in the order of their outcomes. Once the job has ended, the
 * items without an outcome follow, by index. A place never changes its item, so a reader can
 * continue behind the last line that it has.
 */
public final class CompletionLines {
  private final JobStore store;
  private final ItemInputs inputs;
  private final JsonMapper json;

  public CompletionLines(JobStore store, ItemInputs inputs, JsonMapper json) {
    this.store = store;
    this.inputs = inputs;
    this.json = json;
  }

  /**
   * Writes a line for each item at these places, up to the first place that has no item yet. In a
   * job that reduces its results, an item that succeeded has no line.
   *
   * @param sent counts each item, also one without a line
   * @return the first place that was not reached
   * @throws JobGoneException when the job is deleted before all have a line
   * @throws StoreException when outcomes of a running job are lost: a later answer would not show
   *     it
   */
  long write(Job job, ItemRange places, Include include, OutputStream out, Sent sent) {
    boolean ended = job.status().state().isTerminal();
    var lines = new ResultLines(json, true, new ParentIndexes(store, job)::of, out);
    var part = new Part(job, places, include == Include.INPUT ? inputs : null, lines, sent);
    long recorded = store.completions(job.id(), places, part::recorded);
    if (ended && recorded < places.end()) {
      part.place = recorded;
      store.chunkReports(job.id(), report -> part.neverRanBefore(report.items()));
      part.neverRan(job.status().tally().total());
      return places.end();
    }
    return Math.max(recorded, places.first());
  }

  /** Tracks the wanted places and the current position among all places. */
  private static final class Part {
    private final Job job;
    private final ItemRange wanted;
    private final @Nullable ItemInputs inputs;
    private final ResultLines lines;
    private final Sent sent;

    /** The first wanted place that was not reached. */
    private long place;

    /** The index up to which the search for items without an outcome has looked at all items. */
    private long index;

    Part(Job job, ItemRange wanted, @Nullable ItemInputs inputs, ResultLines lines, Sent sent) {
      this.job = job;
      this.wanted = wanted;
      this.place = wanted.first();
      this.inputs = inputs;
      this.lines = lines;
      this.sent = sent;
    }

    void recorded(Completion completion) {
      if (completion.place() > place && !job.status().state().isTerminal()) {
        throw new StoreException(
            "the outcomes of job " + job.id() + " at place " + place + " are lost", null);
      }
      place = completion.place() + completion.report().outcomes().items().count();
      boolean hasValues = job.spec().reduce() == Reduce.LIST;
      try {
        lines.withInputs(
            inputs,
            job,
            completion.report().outcomes().items(),
            hasValues ? () -> values(completion) : () -> errors(completion));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void values(Completion completion) throws IOException {
      var outcomes = completion.report().outcomes();
      int count = Math.toIntExact(outcomes.items().count());
      var values = JoinedValues.stored(outcomes.values(), count);
      long first = outcomes.items().first();
      long shift = completion.place() - first;
      int from = (int) Math.max(0, wanted.first() - completion.place());
      int to = (int) Math.min(count, wanted.end() - completion.place());
      var part = new ItemRange(first + from, first + to);
      sent.finished(part.count(), lines.items(part, values, from, outcomes.errors(), shift));
    }

    /**
     * Writes the errors, which are all that is known of each item of a job that reduces its
     * results.
     */
    private void errors(Completion completion) throws IOException {
      var outcomes = completion.report().outcomes();
      long failures = 0;
      for (ItemError error : outcomes.errors()) {
        long at = completion.place() + error.index() - outcomes.items().first();
        if (wanted.contains(at)) {
          lines.error(error, at);
          failures++;
        }
      }
      long first = Math.max(wanted.first(), completion.place());
      long end = Math.min(wanted.end(), completion.place() + outcomes.items().count());
      sent.finished(end - first, failures);
    }

    void neverRanBefore(ItemRange recorded) {
      neverRan(recorded.first());
      index = recorded.end();
    }

    /** Writes a line for each item from the index up to this end. None of them has an outcome. */
    void neverRan(long end) {
      if (index >= end || place >= wanted.end()) {
        return;
      }
      try {
        lines.withInputs(inputs, job, new ItemRange(index, end), () -> neverRanOf(end));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void neverRanOf(long end) throws IOException {
      for (; index < end && place < wanted.end(); index++, place++) {
        if (place >= wanted.first()) {
          lines.skipped(index, place);
          sent.skipped(1);
        }
      }
    }
  }
}
