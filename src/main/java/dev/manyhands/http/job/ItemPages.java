package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.http.ParentIndexes;
import dev.manyhands.http.job.ItemView.State;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.FailedItem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lists the items of a job, page by page. A page reads and holds a bounded number of bytes. It may
 * therefore end before it is full, or be empty, and still have a next one.
 */
public final class ItemPages {
  /** The bytes of the largest value that is shown. Only the size of a larger value is shown. */
  private static final int MOST_VALUE_BYTES = 1_000;

  /** The most bytes of errors and values in a page, give or take one item. */
  private static final long MOST_PAGE_BYTES = 4L << 20;

  /** The most items that one page looks at, except in a list of failed items. */
  private static final long MOST_EXAMINED = 100_000;

  /** The most bytes of values that one page reads, give or take one report. */
  private static final long MOST_READ_BYTES = 64L << 20;

  private final JobStore store;
  private final Scheduler scheduler;

  public ItemPages(JobStore store, Scheduler scheduler) {
    this.store = store;
    this.scheduler = scheduler;
  }

  /**
   * Returns a page of items.
   *
   * @param state of the items to list; null for all
   * @param first the first item to look at
   * @param limit the most items in the page
   * @param withData whether errors have their {@code data}
   */
  ItemPage read(Job job, @Nullable State state, long first, int limit, boolean withData) {
    long total = job.status().tally().total();
    if (first >= total) {
      return new ItemPage(List.of(), null);
    }
    var page = new Page(job, state, first, limit, withData);
    if (state == State.FAILED) {
      store.failedItems(job.id(), new ItemRange(first, total), page::failed);
      page.skipTo(total);
    } else {
      long end = Math.min(total, first + MOST_EXAMINED);
      store.streamOutcomes(
          job.id(),
          new ItemRange(first, end),
          report -> page.unfinished(report.outcomes().items().first()) && page.report(report, end));
      boolean _ = page.unfinished(end);
    }
    return page.upTo(total);
  }

  /** Returns the items that workers report to run, with the workers; none if the job has ended. */
  private Map<Long, Long> runningOf(Job job) {
    var running = new HashMap<Long, Long>();
    if (!job.status().state().isTerminal()) {
      for (WorkerView worker : scheduler.workers().join()) {
        Long item = worker.item();
        if (item != null && job.id().equals(worker.job())) {
          running.put(item, worker.id());
        }
      }
    }
    return running;
  }

  /** Returns a function that finds, from an index on, the first range of cancelled items. */
  private LongFunction<Optional<ItemRange>> cancelledOf(Job job) {
    return job.status().tally().skipped() == 0
        ? index -> Optional.empty()
        : index -> store.cancelledItems().from(job.id(), index);
  }

  /** Stands for no cancelled items: a range behind all items. */
  private static final ItemRange NONE = new ItemRange(Long.MAX_VALUE - 1, Long.MAX_VALUE);

  /** A page that is being filled, in the order of the items. */
  private final class Page {
    private final @Nullable State wanted;
    private final boolean ended;
    private final boolean hasValues;
    private final int limit;
    private final boolean withData;
    private final @Nullable Duration itemLimit;
    private final Map<Long, Long> running;
    private final LongFunction<Optional<ItemRange>> cancelled;
    private final ParentIndexes parents;
    private final List<ItemPage.Listed> items = new ArrayList<>();

    /** The first item that was not looked at. */
    private long next;

    /** The range of cancelled items that was found last; {@link #NONE} if no more follow. */
    private ItemRange skipped;

    private long bytes;
    private long readBytes;

    Page(Job job, @Nullable State wanted, long first, int limit, boolean withData) {
      this.withData = withData;
      this.parents = new ParentIndexes(store, job);
      this.wanted = wanted;
      this.ended = job.status().state().isTerminal();
      this.hasValues = job.spec().reduce() == Reduce.LIST;
      this.limit = limit;
      this.itemLimit = job.spec().timeouts().item();
      this.running = runningOf(job);
      this.cancelled = cancelledOf(job);
      this.next = first;
      this.skipped = cancelled.apply(first).orElse(NONE);
    }

    private boolean isFull() {
      return items.size() >= limit || bytes > MOST_PAGE_BYTES || readBytes > MOST_READ_BYTES;
    }

    /** Takes a failed item; returns whether the page takes more. */
    boolean failed(FailedItem item) {
      add(failed(item.error(), item.report()));
      next = item.error().index() + 1;
      return !isFull();
    }

    /** Notes that there is nothing to list before this item, unless the page is full. */
    void skipTo(long end) {
      if (!isFull()) {
        next = end;
      }
    }

    /**
     * Takes the items from {@link #next} to before this one, which have no outcome; returns whether
     * it took all.
     */
    boolean unfinished(long end) {
      for (; next < end && !isFull(); next++) {
        Long worker = running.get(next);
        State unended = worker == null ? State.PENDING : State.RUNNING;
        State state = ended || isCancelled(next) ? State.SKIPPED : unended;
        add(new ItemPage.Listed(next, null, state, null, null, null, null, 0, false, null, worker));
      }
      return next >= end;
    }

    private boolean isCancelled(long index) {
      if (index >= skipped.end()) {
        skipped = cancelled.apply(index).orElse(NONE);
      }
      return skipped.contains(index);
    }

    /** Takes items with outcomes; returns whether the page takes more. */
    boolean report(OutcomeReport report, long end) {
      Outcomes outcomes = report.outcomes();
      ItemRange reported = outcomes.items();
      Map<Long, ItemError> errors = new HashMap<>();
      outcomes.errors().forEach(error -> errors.put(error.index(), error));
      var values = JoinedValues.stored(outcomes.values(), Math.toIntExact(reported.count()));
      readBytes += outcomes.values().length;
      long last = Math.min(reported.end(), end);
      // The report is in memory, and is looked at as a whole if the page has room.
      for (; next < last && items.size() < limit && bytes <= MOST_PAGE_BYTES; next++) {
        ItemError error = errors.get(next);
        if (error != null) {
          add(failed(error, report));
        } else if (!hasValues) {
          add(succeeded(report, null, null));
        } else if (isWanted(State.SUCCEEDED)) {
          int at = Math.toIntExact(next - reported.first());
          int start = values.start(at);
          int size = values.end(at) - start;
          String value =
              size > MOST_VALUE_BYTES ? null : new String(values.bytes(), start, size, UTF_8);
          add(succeeded(report, value, (long) size));
        }
      }
      return !isFull();
    }

    private ItemPage.Listed failed(ItemError error, OutcomeReport report) {
      return new ItemPage.Listed(
          error.index(),
          null,
          State.FAILED,
          null,
          null,
          null,
          withData ? error : error.withoutData(),
          error.attempts(),
          false,
          seconds(report, error),
          report.isOfWorker() ? report.worker() : null);
    }

    /** Returns the item {@link #next}, without a value if the value is large or reduced. */
    private ItemPage.Listed succeeded(
        OutcomeReport report, @Nullable String value, @Nullable Long size) {
      boolean cached = report.worker() == OutcomeReport.REMEMBERED;
      return new ItemPage.Listed(
          next,
          null,
          State.SUCCEEDED,
          null,
          value,
          size,
          null,
          cached ? 0 : report.attempt(),
          cached,
          seconds(report, null),
          report.isOfWorker() ? report.worker() : null);
    }

    private @Nullable Double seconds(OutcomeReport report, @Nullable ItemError error) {
      return report.isOfWorker() ? ItemSpan.of(report, error, itemLimit).seconds() : null;
    }

    private boolean isWanted(State state) {
      return wanted == null || wanted == state;
    }

    private void add(ItemPage.Listed item) {
      if (isWanted(item.state())) {
        items.add(item.in(parents));
        bytes += item.error() == null ? 0 : item.error().weight();
        bytes += item.value() == null ? 0 : item.value().length();
      }
    }

    ItemPage upTo(long total) {
      return new ItemPage(items, next < total ? Long.toString(next) : null);
    }
  }
}
