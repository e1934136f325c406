package dev.manyhands.http.result;

import dev.manyhands.http.ParentIndexes;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outcomes of one job, straight from the store. One report is in memory at a time. */
final class OwnResults implements ResultSource {
  private static final Logger log = LoggerFactory.getLogger(OwnResults.class);
  private final JobStore store;
  private final Job job;
  private final ParentIndexes parents;

  OwnResults(JobStore store, Job job) {
    this.store = store;
    this.job = job;
    this.parents = new ParentIndexes(store, job);
  }

  @Override
  public Job items() {
    return job;
  }

  @Override
  public boolean isComplete(Sent sent, long next) {
    return sent.isCompleteFor(job, next)
        && (!sent.hasSkipped() || sent.isWhole(job) || hasAllOutcomes());
  }

  /**
   * Returns whether the store has as many outcomes as the ended job counts. Otherwise items without
   * an outcome may have had one. Reads all reports of the job, without their values.
   */
  boolean hasAllOutcomes() {
    long recorded = store.recordedItems(job.id());
    long counted = job.status().tally().ran();
    if (recorded != counted) {
      log.warn("job {} counts {} outcomes, and the store has {}", job.id(), counted, recorded);
    }
    return recorded == counted;
  }

  @Override
  public @Nullable Long parentOf(long index) {
    return parents.of(index);
  }

  @Override
  public long walk(ItemRange wanted, ResultSink sink) {
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
          if (sink.isFull()) {
            cursor.stopped = true;
            return false;
          }
          try {
            if (isGap) {
              cursor.next = none(new ItemRange(cursor.next, items.first()), ended, sink);
              cursor.stopped = cursor.next < items.first();
            }
            if (cursor.stopped) {
              return false;
            }
            long first = Math.max(items.first(), cursor.next);
            long end = Math.min(items.end(), wanted.end());
            hand(report, new ItemRange(first, end), sink);
            cursor.next = end;
            return true;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    if (!cursor.stopped && cursor.next < wanted.end()) {
      try {
        cursor.next = none(new ItemRange(cursor.next, wanted.end()), ended, sink);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return cursor.next;
  }

  /**
   * Hands over items without an outcome, up to the first that may still get one. The items of a job
   * that has ended, and still exists, get none. In other jobs, cancelled items get none.
   *
   * @return the first item that was not handed over
   */
  private long none(ItemRange items, boolean ended, ResultSink sink) throws IOException {
    if (ended) {
      return sink.none(items);
    }
    long next = items.first();
    while (next < items.end() && job.status().tally().skipped() > 0 && !sink.isFull()) {
      ItemRange cancelled = store.cancelledItems().at(job.id(), next).orElse(null);
      if (cancelled == null) {
        break;
      }
      long end = Math.min(cancelled.end(), items.end());
      long reached = sink.none(new ItemRange(next, end));
      next = reached;
      if (reached < end) {
        break;
      }
    }
    return next;
  }

  private void hand(OutcomeReport report, ItemRange part, ResultSink sink) throws IOException {
    var outcomes = report.outcomes();
    var errors = outcomes.errors().stream().filter(error -> part.contains(error.index())).toList();
    if (job.spec().reduce() != Reduce.LIST) {
      sink.combined(part, errors);
      return;
    }
    var values = JoinedValues.stored(outcomes.values(), Math.toIntExact(outcomes.items().count()));
    sink.values(part, values, (int) (part.first() - outcomes.items().first()), errors);
  }
}
