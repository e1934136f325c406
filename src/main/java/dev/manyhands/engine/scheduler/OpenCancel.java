package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.scheduler.ItemFate.State;
import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A request to cancel items that is not answered. It removes its items from those that may run,
 * waits for those that a worker has, and then collects its answer. The first and the last step are
 * done in slices. Owned by the scheduler thread.
 */
final class OpenCancel {
  /** The most parts of a range that are handled as one step. */
  private static final int MOST_PARTS = 32;

  private static final Comparator<ItemRange> BY_INDEX = Comparator.comparingLong(ItemRange::first);

  /** The steps, in their order. */
  private enum Step {
    TAKE,
    WAIT,
    ANSWER
  }

  final JobRun run;
  final CoreEvent.CancelItems request;
  final long dueNanos;

  /** Chunks that a slot may hand back items of. */
  final Set<Long> chunks = new HashSet<>();

  /** The items of the request. */
  private final ItemSet wanted = new ItemSet();

  private Step step = Step.TAKE;

  /** The range of the request that is handled next. */
  private int next;

  /** The first item of this range that is not in the answer. */
  private long from;

  /** {@link JobRun#moves} when the items were taken. */
  private long movesThen;

  /** Whether the caller has looked what the request waits for, since items moved. */
  private boolean isLookedAt;

  /** Whether items had not come, or were being looked up, when the items were taken. */
  private boolean unsure;

  private List<ItemRange> taken = new ArrayList<>();
  private final List<ItemFate> fates = new ArrayList<>();

  /** The answer about the parts of the next range so far. */
  private List<ItemFate> ofRange = new ArrayList<>();

  OpenCancel(JobRun run, CoreEvent.CancelItems request, long dueNanos) {
    this.run = run;
    this.request = request;
    this.dueNanos = dueNanos;
    this.movesThen = run.moves;
    request.items().forEach(wanted::add);
  }

  /** Returns whether the slot has items of the chunk that the request names. */
  boolean names(DispatchedChunk chunk) {
    return chunk.run == run && chunk.remaining != null && wanted.hasAny(chunk.remaining);
  }

  /** Returns whether items are still to be taken: for the first time, or because some moved. */
  boolean isTaking() {
    return step == Step.TAKE || (step == Step.WAIT && movesThen != run.moves);
  }

  /** Returns whether nothing is left to do but to wait. */
  boolean waits() {
    return step == Step.WAIT && !isTaking();
  }

  /** Returns whether the wait was looked at since items moved; notes that it is now. */
  boolean noteLook() {
    boolean before = isLookedAt;
    isLookedAt = true;
    return before;
  }

  /** Returns whether the answer may still change: for items that were not certain. */
  boolean isUnsure() {
    return unsure || !chunks.isEmpty();
  }

  void beginAnswer() {
    step = Step.ANSWER;
    next = 0;
    from = request.items().getFirst().first();
  }

  /** Returns the items that were taken since the last call. */
  List<ItemRange> takeTaken() {
    List<ItemRange> all = taken;
    taken = new ArrayList<>();
    return all;
  }

  List<ItemFate> fates() {
    return fates;
  }

  /**
   * Takes items that may not run any more.
   *
   * @return what is left of the budget; some is left once all items are taken
   */
  int take(int budget) {
    int left = budget;
    while (left > 0 && isTaking()) {
      if (step == Step.WAIT) {
        begin();
      }
      ItemRange items = request.items().get(next);
      left -= 1 + run.pending.suspectRuns() / MOST_PARTS;
      List<ItemRange> pending = run.pending.remove(items, MOST_PARTS);
      List<ItemRange> delayed = run.delayed.remove(items, MOST_PARTS);
      pending.forEach(this::cancel);
      delayed.forEach(this::cancel);
      left -= pending.size() + delayed.size();
      if (pending.size() < MOST_PARTS && delayed.size() < MOST_PARTS) {
        unsure |= run.held.hasAny(items) || !run.known.hasAll(items);
        next++;
      }
      if (next == request.items().size()) {
        step = Step.WAIT;
      }
    }
    return left;
  }

  /** Begins to take the items, once more. */
  private void begin() {
    step = Step.TAKE;
    next = 0;
    unsure = false;
    isLookedAt = false;
    movesThen = run.moves;
  }

  private void cancel(ItemRange items) {
    run.cancel(items);
    taken.add(items);
  }

  /**
   * Collects the answer.
   *
   * @return what is left of the budget
   */
  int collect(int budget, Slots slots) {
    int left = budget;
    while (left > 0 && step == Step.ANSWER && next < request.items().size()) {
      var rest = new ItemRange(from, request.items().get(next).end());
      ItemRange part = run.held.beginning(run.cancelled.beginning(rest, MOST_PARTS), MOST_PARTS);
      List<ItemFate> some = fates(part, slots);
      left -= some.size() + slots.count();
      ofRange.addAll(some);
      from = part.end();
      if (from == rest.end()) {
        fates.addAll(ItemFate.joined(ofRange));
        ofRange = new ArrayList<>();
        next++;
        from = isCollected() ? 0 : request.items().get(next).first();
      }
    }
    return left;
  }

  /** Returns whether the answer is complete. */
  boolean isCollected() {
    return step == Step.ANSWER && next == request.items().size();
  }

  /** Returns the states of the items of a range: those that are nowhere have an outcome. */
  private List<ItemFate> fates(ItemRange range, Slots slots) {
    var fates = new ArrayList<ItemFate>();
    run.cancelled.within(range).forEach(items -> fates.add(new ItemFate(items, State.CANCELLED)));
    var running = new ArrayList<>(run.held.within(range));
    // Items that have not come yet, because their command was overtaken.
    running.addAll(range.without(run.known.within(range)));
    for (SlotState slot : slots) {
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
    return fates;
  }
}
