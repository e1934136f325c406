package dev.manyhands.api;

import dev.manyhands.job.ItemError;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobSpec.Reduce;
import dev.manyhands.json.JoinedValues;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.Completion;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Results in the order in which they were recorded. Every item has a place in it: first those with
 * an outcome, as they came, then, once the job has ended, those that never ran, by index. A place
 * that is taken stays taken, which is what lets a reader go on behind the last line it has.
 */
final class CompletionLines {
  private final JobStore store;
  private final JsonMapper json;

  CompletionLines(JobStore store, JsonMapper json) {
    this.store = store;
    this.json = json;
  }

  /**
   * Writes a line for each item at these places, to the first that nothing has taken yet.
   *
   * @param sent counts each item that has a line
   * @return the first place that has no line
   * @throws JobGoneException when the job is deleted before all have a line
   */
  long write(Job job, ItemRange places, OutputStream out, Sent sent) {
    boolean ended = job.status().state().isTerminal();
    if (!ended && job.status().tally().done() <= places.first()) {
      return places.first(); // what users see is ahead of the store: it need not be asked
    }
    var part = new Part(job, places, new ResultLines(json, true, out), sent);
    long recorded = store.completions(job.id(), places, part::recorded);
    if (ended && recorded < places.end()) {
      part.place = recorded;
      store.chunkReports(job.id(), report -> part.neverRanBefore(report.items()));
      part.neverRan(job.status().tally().total());
      return places.end();
    }
    return Math.max(recorded, places.first());
  }

  /** The places that are asked for, and where among all of them it is. */
  private static final class Part {
    private final Job job;
    private final ItemRange wanted;
    private final ResultLines lines;
    private final Sent sent;

    /** Of the next item that never ran. */
    private long place;

    /** All items before it are accounted for, in the search for those that never ran. */
    private long index;

    Part(Job job, ItemRange wanted, ResultLines lines, Sent sent) {
      this.job = job;
      this.wanted = wanted;
      this.lines = lines;
      this.sent = sent;
    }

    void recorded(Completion completion) {
      try {
        if (job.spec().reduce() == Reduce.LIST) {
          values(completion);
        } else {
          errors(completion);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void values(Completion completion) throws IOException {
      var outcomes = completion.report().outcomes();
      int count = Math.toIntExact(outcomes.items().count());
      var values = JoinedValues.stored(outcomes.values(), count);
      var failed = outcomes.errors().iterator();
      ItemError error = failed.hasNext() ? failed.next() : null;
      for (int i = 0; i < count; i++) {
        long item = outcomes.items().first() + i;
        boolean isError = error != null && error.index() == item;
        if (wanted.contains(completion.place() + i)) {
          sent.finished(1, isError ? 1 : 0);
          if (error != null && isError) {
            lines.error(error, completion.place() + i);
          } else {
            lines.value(item, completion.place() + i, values, i);
          }
        }
        if (isError) {
          error = failed.hasNext() ? failed.next() : null;
        }
      }
    }

    /** All that is known of each item of a job that reduces its results. */
    private void errors(Completion completion) throws IOException {
      var outcomes = completion.report().outcomes();
      for (ItemError error : outcomes.errors()) {
        long at = completion.place() + error.index() - outcomes.items().first();
        if (wanted.contains(at)) {
          lines.error(error, at);
          sent.finished(1, 1);
        }
      }
    }

    void neverRanBefore(ItemRange recorded) {
      neverRan(recorded.first());
      index = recorded.end();
    }

    /** All from the index up to this one have no outcome. */
    void neverRan(long end) {
      try {
        for (; index < end && place < wanted.end(); index++, place++) {
          if (place >= wanted.first()) {
            neverRan();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void neverRan() throws IOException {
      lines.skipped(index, place);
      sent.skipped(1);
    }
  }
}
