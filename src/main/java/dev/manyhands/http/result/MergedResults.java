package dev.manyhands.http.result;

import dev.manyhands.http.ParentIndexes;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a job together with those of its retries. An item that a retry has tried has the
 * outcome of the retry, also if that is an error or none.
 *
 * <p>A job is read in windows. The outcomes of its retry that belong into a window are copied into
 * memory first, then the outcomes of the job are streamed past them. No reader thus waits for one
 * report while it holds another.
 */
final class MergedResults implements ResultSource {
  private final JobStore store;

  /** A job, its retry, the retry of that one, and on. All but the last have ended. */
  private final List<Job> chain;

  /** For each job of the chain: the indexes of its items in its parent. */
  private final List<ParentIndexes> origins = new ArrayList<>();

  MergedResults(JobStore store, List<Job> chain) {
    this.store = store;
    this.chain = List.copyOf(chain);
    for (Job job : chain) {
      origins.add(new ParentIndexes(store, job));
    }
  }

  @Override
  public Job items() {
    return chain.getFirst();
  }

  /**
   * Each outcome that was sent counts in one of the jobs. The sums of their counts are bounds. An
   * item without an outcome may be one of an earlier job. Therefore no job may lack outcomes.
   */
  @Override
  public boolean isComplete(Sent sent, long next) {
    long succeeded = 0;
    long failed = 0;
    long skipped = 0;
    for (Job job : chain) {
      Tally tally = job.status().tally();
      succeeded += tally.succeeded();
      failed += tally.failed();
      skipped += tally.skipped();
    }
    return sent.isComplete(chain.getLast(), next, succeeded, failed, skipped)
        && (!sent.hasSkipped() || haveAllOutcomes());
  }

  private boolean haveAllOutcomes() {
    return chain.stream().allMatch(job -> new OwnResults(store, job).hasAllOutcomes());
  }

  @Override
  public @Nullable Long parentOf(long index) {
    return null;
  }

  @Override
  public long walk(ItemRange wanted, ResultSink sink) {
    try {
      return walk(0, wanted, sink);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Walks over items of one job of the chain, with the outcomes of all its retries. */
  private long walk(int level, ItemRange wanted, ResultSink sink) throws IOException {
    var own = new OwnResults(store, chain.get(level));
    if (level + 1 == chain.size()) {
      return own.walk(wanted, sink);
    }
    ParentIndexes places = origins.get(level + 1);
    long next = wanted.first();
    while (next < wanted.end() && !sink.isFull()) {
      long first = places.firstFrom(next);
      long end = places.firstFrom(wanted.end());
      var taken = new Replacements(places, first);
      if (first < end) {
        long _ = walk(level + 1, new ItemRange(first, end), taken);
      }
      long windowEnd = taken.end() < end ? parent(places, taken.end()) : wanted.end();
      if (windowEnd > next) {
        long reached = taken.walk(own, new ItemRange(next, windowEnd), sink);
        if (reached < windowEnd) {
          return reached;
        }
        next = windowEnd;
      } else {
        // The next outcome of the retry is large, or not there yet.
        ItemRange one = ItemRange.ofCount(taken.end(), 1);
        if (walk(level + 1, one, new Moved(sink, next)) == one.first()) {
          return next;
        }
        next++;
      }
    }
    return next;
  }

  private static long parent(ParentIndexes places, long index) {
    Long parent = places.of(index);
    if (parent == null) {
      throw new IllegalStateException("no origin of item " + index);
    }
    return parent;
  }
}
