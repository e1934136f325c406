package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.Cancellation;
import dev.manyhands.engine.scheduler.ItemFate;
import dev.manyhands.engine.scheduler.ItemFate.State;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.intake.NamedItems;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Cancels items of jobs for users. Blocks the calling thread, which is a virtual one, until the
 * answer is durable.
 */
public final class ItemCancellations {
  /**
   * How long a request waits until workers have stopped and the store has committed. The request is
   * refused after this time, and its cancellation goes on.
   */
  private static final Duration LONGEST = Duration.ofSeconds(20);

  /**
   * How long a request waits for the end of a job that the scheduler no longer has. The request is
   * refused if the end is not stored by then.
   */
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  /**
   * Limit for the ranges with outcomes in the answer about an ended job. A request for more is
   * refused.
   */
  private static final int MOST_RANGES = 100_000;

  private final JobDesk jobs;
  private final Scheduler scheduler;
  private final JobStore store;

  public ItemCancellations(JobDesk jobs, Scheduler scheduler, JobStore store) {
    this.jobs = jobs;
    this.scheduler = scheduler;
    this.store = store;
  }

  /**
   * Cancels the items that have not begun and, with {@code force}, items that run. In a job that
   * has ended nothing changes.
   *
   * @param items ranges that do not overlap
   * @param force whether items that run are stopped
   * @return what has become of the items, in the order of the ranges
   * @throws Refusal if the job does not have the items, is {@code WAITING}, or cannot be changed
   *     now
   */
  public List<ItemFate> cancel(JobId id, List<ItemRange> items, boolean force) {
    try (var _ = jobs.keep(id)) {
      Job job = jobs.get(id);
      NamedItems.check(items, job.status().tally().total());
      if (job.status().state().isTerminal()) {
        return ended(job, items);
      }
      if (job.status().state() == JobState.WAITING) {
        throw Refusal.conflict(
            "job "
                + id
                + " is WAITING, and its items can be cancelled once it is QUEUED;"
                + " cancel the whole job, or try again later");
      }
      Cancellation answer = within(scheduler.cancelItems(id, items, force));
      return switch (answer.result()) {
        case STORED -> answer.fates();
        case TOO_MANY ->
            throw Refusal.conflict(
                "job "
                    + id
                    + " has too many separate ranges of cancelled items; name longer ranges, or"
                    + " cancel the job");
        case BUSY ->
            throw Refusal.unavailable(
                "job "
                    + id
                    + " has too many requests to cancel items under way; await their answers");
        case NOT_HERE -> ended(jobs.await(id, LONGEST_END), items);
      };
    }
  }

  private static Cancellation within(CompletableFuture<Cancellation> answer) {
    try {
      return answer.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException away) {
      throw Refusal.unavailable(
          "the items are not all stopped, or the store cannot be written to; this is done as soon"
              + " as it can be: ask again later");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.unavailable("the service is about to stop");
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    }
  }

  /**
   * Returns the answer about a job that has ended. Its items without an outcome count as cancelled.
   */
  private List<ItemFate> ended(Job job, List<ItemRange> items) {
    if (!job.status().state().isTerminal()) {
      throw Refusal.unavailable("job " + job.id() + " is about to end; ask again");
    }
    var done = new Done(items);
    store.chunkReports(job.id(), report -> done.add(report.items()));
    var fates = new ArrayList<ItemFate>();
    for (ItemRange range : items) {
      var all = new ArrayList<ItemFate>();
      List<ItemRange> parts = done.of(range);
      parts.forEach(part -> all.add(new ItemFate(part, State.DONE)));
      range.without(parts).forEach(part -> all.add(new ItemFate(part, State.CANCELLED)));
      all.sort(Comparator.comparingLong(fate -> fate.items().first()));
      fates.addAll(ItemFate.joined(all));
    }
    return fates;
  }

  /** The parts of some ranges that have outcomes. Outcomes are added in the order of the items. */
  private static final class Done {
    private final List<ItemRange> ranges;
    private final Map<ItemRange, List<ItemRange>> parts = new HashMap<>();

    /** The first of {@code ranges}, by position, to which further outcomes may belong. */
    private int next;

    private int count;

    Done(List<ItemRange> items) {
      ranges = items.stream().sorted(Comparator.comparingLong(ItemRange::first)).toList();
      ranges.forEach(range -> parts.put(range, new ArrayList<>()));
    }

    List<ItemRange> of(ItemRange range) {
      return parts.getOrDefault(range, List.of());
    }

    void add(ItemRange recorded) {
      while (next < ranges.size() && ranges.get(next).end() <= recorded.first()) {
        next++;
      }
      for (int i = next; i < ranges.size(); i++) {
        ItemRange part = ranges.get(i).and(recorded);
        if (part == null) {
          return;
        }
        List<ItemRange> before = of(ranges.get(i));
        if (!before.isEmpty() && before.getLast().end() == part.first()) {
          before.add(new ItemRange(before.removeLast().first(), part.end()));
        } else if (++count > MOST_RANGES) {
          throw Refusal.invalid("/items", "has too many parts with an outcome; name fewer items");
        } else {
          before.add(part);
        }
      }
    }
  }
}
