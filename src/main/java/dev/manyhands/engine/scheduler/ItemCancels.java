package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.Iterator;
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
 * <p>A user decides how many ranges a request has, and how many there are of the items that it
 * takes. The work is therefore done in slices, one with each event, so that other jobs go on in
 * between. A job whose items are being taken gets no slots.
 *
 * <p>Owned by the scheduler thread.
 */
final class ItemCancels {
  /** How long a request without {@code force} waits for its items. */
  static final double PATIENCE_SECONDS = 1;

  /** Limit for the requests of a job that are not answered. One more is rejected. */
  static final int MOST_OPEN = 16;

  /**
   * Limit for the separate ranges of cancelled items of a job. A request that could exceed the
   * limit is rejected.
   */
  private static final int MOST_RANGES = 100_000;

  /** The work of one slice. A unit takes about a microsecond. */
  static final int SLICE = 128;

  private final Dealer dealer;
  private final Alarm alarm;
  private final List<Action> decided;

  /** Requests that are not answered, in the order in which they came. */
  private final List<OpenCancel> open = new ArrayList<>();

  /** Jobs that get no slots. */
  private final Set<JobRun> held = new LinkedHashSet<>();

  /**
   * @param decided gets the actions
   */
  ItemCancels(Dealer dealer, Alarm alarm, List<Action> decided) {
    this.dealer = dealer;
    this.alarm = alarm;
    this.decided = decided;
  }

  /**
   * Begins a request. {@link #goOn} continues it, and must be called before items are dealt.
   *
   * @param run the job of the request; null if the job is not here
   */
  void begin(@Nullable JobRun run, CoreEvent.CancelItems request, Now now) {
    if (run == null) {
      refuse(request, Cancellation.Result.NOT_HERE);
      return;
    }
    if (run.cancelled.ranges.size() + request.items().size() > MOST_RANGES) {
      refuse(request, Cancellation.Result.TOO_MANY);
      return;
    }
    if (open.stream().filter(one -> one.run == run).count() >= MOST_OPEN) {
      refuse(request, Cancellation.Result.BUSY);
      return;
    }
    var one = new OpenCancel(run, request, now.nanos() + (long) (PATIENCE_SECONDS * 1e9));
    for (SlotState slot : dealer.slots()) {
      List<DispatchedChunk> meant = slot.chunks().stream().filter(one::names).toList();
      if (meant.isEmpty()) {
        continue;
      }
      if (request.force()) {
        // Also if the slot was stopped before: the worker may not have had the chunk then.
        dealer.stop(slot);
        slot.chunks().forEach(chunk -> one.chunks.add(chunk.chunk.number()));
      } else {
        meant.stream()
            .filter(chunk -> mayHandBack(slot, chunk))
            .findFirst()
            .ifPresent(first -> {
              if (!first.recalled && !slot.stopping) {
                dealer.recall(slot, first);
              }
              meant.forEach(chunk -> one.chunks.add(chunk.chunk.number()));
            });
      }
    }
    open.add(one);
  }

  private void refuse(CoreEvent.CancelItems request, Cancellation.Result why) {
    decided.add(new Action.NotCancelled(request.request(), why));
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
   * Cancels items that have come back, and answers requests. Does one slice of the work, and sets
   * the alarm for the next one.
   *
   * @return the jobs of which items were cancelled now
   */
  Set<JobRun> goOn(Now now) {
    if (open.isEmpty()) {
      return Set.of();
    }
    var changed = new LinkedHashSet<JobRun>();
    var taking = new LinkedHashSet<JobRun>();
    int budget = SLICE;
    for (Iterator<OpenCancel> each = open.iterator(); each.hasNext(); ) {
      OpenCancel one = each.next();
      budget = goOn(one, budget, now, changed);
      if (one.isCollected()) {
        each.remove();
      } else if (!one.waits()) {
        alarm.setBy(now.nanos());
      }
      if (one.isTaking()) {
        taking.add(one.run);
      }
    }
    hold(taking, changed);
    return changed;
  }

  /** Lets these jobs have no slots, because items of theirs are still to be taken. */
  private void hold(Set<JobRun> taking, Set<JobRun> changed) {
    for (JobRun run : held) {
      if (!taking.contains(run)) {
        run.isCancelling = false;
        changed.add(run);
      }
    }
    for (JobRun run : taking) {
      run.isCancelling = true;
      if (held.add(run)) {
        changed.add(run);
      }
    }
    held.retainAll(taking);
  }

  /** Goes on with a request; returns what is left of the budget. */
  private int goOn(OpenCancel one, int budget, Now now, Set<JobRun> changed) {
    int left = one.take(budget);
    if (one.waits() && isOver(one, now)) {
      one.beginAnswer();
    }
    left = one.collect(left, dealer.slots());
    boolean answers = one.isCollected();
    List<ItemRange> cancelled = one.takeTaken();
    if (answers || !cancelled.isEmpty()) {
      var answer = answers ? new Action.Answer(one.request.request(), one.fates()) : null;
      decided.add(
          new Action.CancelItems(
              one.run.id(), one.run.version, cancelled, grown(one.run, cancelled), answer));
    }
    if (!cancelled.isEmpty()) {
      changed.add(one.run);
    }
    return left;
  }

  /** Returns the ranges of cancelled items that are not among these items, but contain some. */
  private static List<ItemRange> grown(JobRun run, List<ItemRange> cancelled) {
    return cancelled.stream()
        .filter(items -> !run.cancelled.around(items.first()).equals(items))
        .map(items -> run.cancelled.around(items.first()))
        .distinct()
        .toList();
  }

  /** Returns whether the request waits for nothing any more, and sets the alarm otherwise. */
  private boolean isOver(OpenCancel one, Now now) {
    if (!one.noteLook()) {
      one.chunks.removeIf(number -> !isOut(one, number));
    }
    if (!one.isUnsure()) {
      return true;
    }
    if (one.request.force()) {
      return false;
    }
    if (now.nanos() - one.dueNanos >= 0) {
      return true;
    }
    alarm.setBy(one.dueNanos);
    return false;
  }

  /** Returns whether a slot may still hand back items of the chunk. */
  private boolean isOut(OpenCancel one, long number) {
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
    held.remove(run);
    open.removeIf(one -> {
      boolean ends = one.run == run;
      if (ends) {
        refuse(one.request, Cancellation.Result.NOT_HERE);
      }
      return ends;
    });
  }
}
