package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.scheduler.ItemFate.State;
import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests to cancel items. An item that no worker has is cancelled at once. A worker is asked for
 * the items that it has not begun, or stopped if the request says so. A request is answered when
 * the state of each item is certain. Without {@code force}, the answer comes after a second at the
 * latest. Items that are not certain by then count as running.
 *
 * <p>Owned by the scheduler thread.
 */
final class ItemCancels {
  /** How long a request without {@code force} waits for its items. */
  static final double PATIENCE_SECONDS = 1;

  /**
   * Limit for the separate ranges of cancelled items of a job. A request that could exceed the
   * limit is rejected.
   */
  private static final int MOST_RANGES = 100_000;

  private final Dealer dealer;
  private final Alarm alarm;
  private final List<Action> decided;

  private static final Comparator<ItemRange> BY_INDEX = Comparator.comparingLong(ItemRange::first);

  /** Requests that are not answered, in the order in which they came. */
  private final List<Open> open = new ArrayList<>();

  /**
   * @param decided gets the actions
   */
  ItemCancels(Dealer dealer, Alarm alarm, List<Action> decided) {
    this.dealer = dealer;
    this.alarm = alarm;
    this.decided = decided;
  }

  private record Open(JobRun run, CoreEvent.CancelItems request, Set<Long> chunks, long dueNanos) {}

  /**
   * Begins a request. {@link #goOn} continues it, and must be called before items are dealt.
   *
   * @param run the job of the request; null if the job is not here
   */
  void begin(@Nullable JobRun run, CoreEvent.CancelItems request, Now now) {
    if (run == null) {
      decided.add(new Action.NotCancelled(request.request(), false));
      return;
    }
    if (run.cancelled.ranges.size() + request.items().size() > MOST_RANGES) {
      decided.add(new Action.NotCancelled(request.request(), true));
      return;
    }
    var chunks = new HashSet<Long>();
    for (SlotState slot : dealer.slots()) {
      List<DispatchedChunk> meant =
          slot.chunks().stream().filter(chunk -> isMeant(chunk, run, request)).toList();
      if (meant.isEmpty()) {
        continue;
      }
      if (request.force()) {
        // Also if the slot was stopped before: the worker may not have had the chunk then.
        dealer.stop(slot);
        slot.chunks().forEach(chunk -> chunks.add(chunk.chunk.number()));
      } else {
        meant.stream()
            .filter(chunk -> mayHandBack(slot, chunk))
            .findFirst()
            .ifPresent(first -> {
              if (!first.recalled && !slot.stopping) {
                dealer.recall(slot, first);
              }
              meant.forEach(chunk -> chunks.add(chunk.chunk.number()));
            });
      }
    }
    long due = now.nanos() + (long) (PATIENCE_SECONDS * 1e9);
    open.add(new Open(run, request, chunks, due));
  }

  private static boolean isMeant(DispatchedChunk chunk, JobRun run, CoreEvent.CancelItems request) {
    return chunk.run == run
        && request.items().stream().anyMatch(items -> chunk.within(items) != null);
  }

  /** Returns whether the worker may have items of the chunk that it has not begun. */
  private static boolean mayHandBack(SlotState slot, DispatchedChunk chunk) {
    boolean allBegun =
        chunk == slot.running
            && chunk.remaining != null
            && chunk.remaining.count() <= chunk.run.spec().threads();
    return !allBegun && !chunk.handedBack;
  }

  /**
   * Cancels items that have come back, and answers requests.
   *
   * @return the jobs of which items were cancelled now
   */
  Set<JobRun> goOn(Now now) {
    if (open.isEmpty()) {
      return Set.of();
    }
    var changed = new LinkedHashSet<JobRun>();
    for (Open one : List.copyOf(open)) {
      if (goOn(one, now)) {
        changed.add(one.run);
      }
    }
    return changed;
  }

  private boolean goOn(Open one, Now now) {
    JobRun run = one.run;
    List<ItemRange> cancelled = new ArrayList<>();
    for (ItemRange items : one.request.items()) {
      cancelled.addAll(run.pending.remove(items));
      cancelled.addAll(run.delayed.remove(items));
    }
    cancelled.forEach(run::cancel);
    boolean answers = !waits(one, now);
    if (answers) {
      open.remove(one);
    }
    if (answers || !cancelled.isEmpty()) {
      var answer = answers ? new Action.Answer(one.request.request(), fates(one)) : null;
      decided.add(new Action.CancelItems(run.id(), run.version, cancelled, answer));
    }
    return !cancelled.isEmpty();
  }

  private boolean waits(Open one, Now now) {
    one.chunks.removeIf(number -> !isOut(one, number));
    boolean unsure =
        !one.chunks.isEmpty()
            || one.request.items().stream()
                .anyMatch(items ->
                    !one.run.held.within(items).isEmpty() || !missing(one.run, items).isEmpty());
    if (!unsure || (!one.request.force() && now.nanos() - one.dueNanos >= 0)) {
      return false;
    }
    if (!one.request.force()) {
      alarm.setBy(one.dueNanos);
    }
    return true;
  }

  /** Returns whether a slot may still hand back items of the chunk. */
  private boolean isOut(Open one, long number) {
    for (SlotState slot : dealer.slots()) {
      DispatchedChunk chunk = slot.dispatched(number);
      if (chunk != null) {
        return one.request.force() || !chunk.handedBack;
      }
    }
    return false;
  }

  /** Ends all requests about a job that no longer runs here, without states of items. */
  void forget(JobRun run) {
    open.removeIf(one -> {
      boolean ends = one.run == run;
      if (ends) {
        decided.add(new Action.NotCancelled(one.request.request(), false));
      }
      return ends;
    });
  }

  // ---- the answer

  private List<ItemFate> fates(Open one) {
    var fates = new ArrayList<ItemFate>();
    for (ItemRange items : one.request.items()) {
      fates.addAll(fates(one.run, items));
    }
    return fates;
  }

  /**
   * Returns the states of the items of a range. Items count as done if they are neither cancelled,
   * held, missing, nor in a slot.
   */
  private List<ItemFate> fates(JobRun run, ItemRange range) {
    var fates = new ArrayList<ItemFate>();
    run.cancelled.within(range).forEach(items -> fates.add(new ItemFate(items, State.CANCELLED)));
    var running = new ArrayList<>(run.held.within(range));
    running.addAll(missing(run, range));
    for (SlotState slot : dealer.slots()) {
      for (DispatchedChunk chunk : slot.chunks()) {
        ItemRange items = chunk.run == run ? chunk.within(range) : null;
        if (items != null) {
          running.add(items);
        }
      }
    }
    running.forEach(items -> fates.add(new ItemFate(items, State.RUNNING)));
    var undone = fates.stream().map(ItemFate::items).sorted(BY_INDEX).toList();
    range.without(undone).forEach(items -> fates.add(new ItemFate(items, State.DONE)));
    fates.sort(Comparator.comparing(ItemFate::items, BY_INDEX));
    return ItemFate.joined(fates);
  }

  /**
   * Returns the items of the range that have not come yet. The request has overtaken their {@link
   * CoreEvent.Append}.
   */
  private static List<ItemRange> missing(JobRun run, ItemRange range) {
    return range.without(run.known.within(range));
  }
}
