package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Chunk;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deals chunks to slots: which job comes next, how many items it gets, and what is taken back from
 * slots that have too much.
 *
 * <p>Owned by the scheduler thread.
 */
final class Dealer {
  /** Least duration of queued work that is worth a message to move it to an idle slot. */
  static final double WORTH_MOVING_SECONDS = 0.002;

  /**
   * Time after which busy slots are looked at again, while others are idle. A chunk that has run
   * longer than expected by more than this time is split.
   */
  static final double LOOK_AGAIN_SECONDS = 0.005;

  /** A time longer than any wait, and short enough to be added to a time. */
  private static final double FOR_EVER_SECONDS = 1e9;

  /**
   * Limit for the items of a job that wait to be tried again. A job at the limit starts no other
   * items, except suspect ones.
   */
  private static final int MOST_DELAYED = 10_000;

  private final Slots slots;
  private final FairQueue queue = new FairQueue();
  private final SuspectTurn suspectTurn = new SuspectTurn();
  private final MemoryBudget memory;
  private final Alarm alarm;
  private final Deadlines deadlines;
  private final List<Action> decided;
  private long nextChunk = 1;

  /** The job whose chunk is being handed out; stays after a fault. */
  private @Nullable JobRun dispatching;

  private boolean draining;
  private boolean storeBehind;

  /**
   * The suspected job that keeps free slots free at present, until the service is idle; null for
   * none.
   */
  private @Nullable JobRun waitsAlone;

  /**
   * @param decided gets the actions
   */
  Dealer(int slots, MemoryBudget memory, Alarm alarm, Deadlines deadlines, List<Action> decided) {
    this.slots = new Slots(slots);
    this.memory = memory;
    this.alarm = alarm;
    this.deadlines = deadlines;
    this.decided = decided;
  }

  Slots slots() {
    return slots;
  }

  /** Returns the suspected job that keeps others from slots; null if there is none. */
  @Nullable AloneTurn aloneTurn() {
    JobRun suspect = slots.suspect();
    if (suspect != null) {
      return new AloneTurn(suspect.id(), true);
    }
    return waitsAlone == null ? null : new AloneTurn(waitsAlone.id(), false);
  }

  /** Frees a slot whose state may be wrong after a fault; returns the job that it had, or null. */
  @Nullable JobRun clear(int index) {
    JobRun lost = slots.clear(index);
    memory.recount(slots);
    return lost;
  }

  /** Returns the job at whose chunk a fault ended {@link #handOut}; null if there is none. */
  @Nullable JobRun lost() {
    JobRun lost = dispatching;
    dispatching = null;
    return lost;
  }

  // ---- jobs

  void enter(JobRun run) {
    queue.enter(run);
  }

  void noteAnswer(JobRun run, Now now) {
    suspectTurn.noteAnswer(run, now);
  }

  /**
   * Recalls items that have not started from all slots of a paused job. Otherwise recalls them from
   * as many slots as the job holds too many.
   */
  void takeBackExcess(JobRun run) {
    JobSpec spec = run.spec();
    int tooMany = spec.paused() ? slots.count() : run.slotsHeld - run.slotLimit(slots.count());
    for (SlotState slot : slots) {
      DispatchedChunk running = slot.running;
      if (tooMany > 0 && running != null && running.run == run && !slot.stopping) {
        recall(slot, running);
        tooMany--;
      }
    }
  }

  /** Removes a job that has ended from the queue, and stops its chunks. */
  void forget(JobRun run) {
    queue.setWaiting(run, false);
    for (SlotState slot : slots) {
      if (slot.running != null && slot.running.run == run && !slot.stopping) {
        stop(slot);
      }
    }
  }

  /** Stops the chunks of a slot. Items without a report come back. */
  void stop(SlotState slot) {
    slot.stopping = true;
    decided.add(new Action.Stop(slot.index));
  }

  /**
   * Takes a chunk off its slot, and corrects the job's charge to the real time. A chunk queued
   * behind it becomes the running one; without one, the slot is free.
   */
  void release(SlotState slot, DispatchedChunk dispatched, Now now) {
    JobRun run = dispatched.run;
    run.chunksOut--;
    run.moves++;
    double busy = slot.ahead == dispatched ? 0 : now.secondsSince(dispatched.sinceNanos);
    queue.settle(run, dispatched.expectedSeconds, busy);
    if (slot.ahead == dispatched) {
      slot.ahead = null;
      return;
    }
    slot.running = slot.ahead;
    slot.ahead = null;
    if (slot.running == null) {
      memory.giveBack(run);
      run.recycling.rested(slot.index);
      run.slotsHeld--;
      slot.stopping = false;
    } else {
      slot.running.beginNow(now);
    }
  }

  /**
   * Updates whether a job waits for a slot, and publishes its status, after the job has changed.
   */
  void settle(JobRun run) {
    setWaiting(run);
    decided.add(new Action.Publish(run.id(), run.status()));
  }

  private void setWaiting(JobRun run) {
    boolean wants =
        !run.pending.isEmpty()
            && !run.spec().paused()
            && !run.isCancelling
            && run.slotsHeld < run.slotLimit(slots.count())
            && (run.delayed.size() < MOST_DELAYED || run.pending.nextIsSuspect());
    queue.setWaiting(run, wants && !run.ended);
  }

  // ---- the service

  void setStoreBehind(boolean behind) {
    storeBehind = behind;
  }

  /** Hands out no more chunks, and recalls items that have not started. */
  void drain() {
    draining = true;
    for (SlotState slot : slots) {
      if (slot.running != null && !slot.stopping) {
        recall(slot, slot.running);
      }
    }
  }

  /**
   * Notes the start of a job, from which its deadline counts. Called when an item is handed out, or
   * has an outcome without a run, from the memo or as the end of the service.
   */
  void noteStart(JobRun run, Now now) {
    if (run.startedAt == null) {
      run.startedAt = now.wall();
      deadlines.set(run, now);
      decided.add(new Action.NoteStart(run.id(), run.version, now.wall()));
    }
  }

  // ---- work is handed out

  /** Hands out and recalls chunks as the present state requires. */
  void handOut(Now now) {
    waitsAlone = null;
    AloneTurn alone = aloneTurn();
    if (draining || storeBehind || (alone != null && alone.runs())) {
      return;
    }
    boolean anyFree = false;
    for (SlotState slot : slots) {
      // The next job keeps its turn until its memory fits, or small jobs would starve a large one.
      JobRun next = slot.isFree() ? suspectTurn.next(queue, now) : null;
      if (next != null && next.suspicious) {
        if (slots.isIdle()) {
          suspectTurn.noteDispatch();
          dispatch(slot, next, now);
          return;
        }
        if (suspectTurn.keepsOthersOut(now, alarm)) {
          waitsAlone = next;
          return;
        }
        next = queue.nextTrusted();
      }
      if (next != null && memory.hasRoomFor(next)) {
        dispatch(slot, next, now);
      }
      anyFree |= slot.isFree();
    }
    for (SlotState slot : slots) {
      queueAhead(slot, now);
    }
    if (queue.next() != null) {
      makeRoom();
    } else if (anyFree) {
      feedIdleSlots(now);
    }
  }

  private void dispatch(SlotState slot, JobRun run, Now now) {
    dispatching = run;
    var size = nextSize(slot, run);
    var taken = run.pending.take(size.items());
    if (taken == null) {
      throw new IllegalStateException("job " + run.id() + " waits with nothing pending");
    }
    noteStart(run, now);
    ItemRange items = taken.items();
    run.recycling.gave(slot.index, items.count());
    run.sizes.note(items.count(), taken.why(size));
    int attempt = items.count() == 1 ? run.attempt(items.first()) : 1;
    var chunk = new Chunk(nextChunk++, run.id(), run.version, items, attempt);
    double expected = run.sizer.expectedSeconds(items.count());
    var dispatched = new DispatchedChunk(run, chunk, taken.suspect(), expected, now);
    queue.charge(run, expected);
    if (slot.running == null) {
      memory.take(run);
    }
    // The slot has the chunk if and only if its worker will: nothing in between can fail.
    decided.add(new Action.Dispatch(slot.index, chunk, run.job, run.suspicious));
    if (slot.running == null) {
      slot.running = dispatched;
      run.slotsHeld++;
      run.mostSlotsHeld = Math.max(run.mostSlotsHeld, run.slotsHeld);
    } else {
      slot.ahead = dispatched;
    }
    run.chunksOut++;
    settle(run);
    dispatching = null;
  }

  private ChunkSizer.Size nextSize(SlotState slot, JobRun run) {
    long pending = Math.max(1, run.pending.count());
    var size = run.sizer.next(pending, run.slotLimit(slots.count()));
    return run.recycling.atMostLeft(slot.index, size);
  }

  /**
   * Queues a second chunk in a worker, so that the worker need not wait for the service. A chunk
   * that is worth moving is queued only if no other job waits and it would start here first. A
   * worker with several threads begins the second chunk while the last items of the first run. It
   * therefore always has a second chunk while no other job waits.
   */
  private void queueAhead(SlotState slot, Now now) {
    DispatchedChunk running = slot.running;
    if (running == null || slot.ahead != null || slot.stopping || running.recalled) {
      return;
    }
    JobRun run = running.run;
    boolean overlaps = run.spec().threads() > 1;
    boolean known = (overlaps || run.sizer.hasMeasured()) && !running.suspect;
    if (run.ended || !known || run.pending.isEmpty() || run.pending.nextIsSuspect()) {
      return;
    }
    if (run.spec().paused()
        || run.isCancelling
        || run.slotsHeld > run.slotLimit(slots.count())
        || run.delayed.size() >= MOST_DELAYED) {
      return;
    }
    long next = nextSize(slot, run).items();
    boolean isShort =
        run.sizer.hasMeasured() && run.sizer.expectedSeconds(next) < WORTH_MOVING_SECONDS;
    if (isShort || (!queue.othersWait(run) && (overlaps || startsHereFirst(running, next, now)))) {
      dispatch(slot, run, now);
    }
  }

  /**
   * Returns whether {@code items} more items would hardly start earlier in another slot. One reason
   * is that this slot is about to be free. The other reason is other work of the job: it keeps all
   * slots busy until these items are done here. If neither holds, an alarm asks again when this
   * slot is about to be free.
   */
  private boolean startsHereFirst(DispatchedChunk running, long items, Now now) {
    JobRun run = running.run;
    long margin = nanos(WORTH_MOVING_SECONDS);
    long elapsed = now.nanos() - running.sinceNanos;
    long left = nanos(running.expectedSeconds) - elapsed;
    if (Math.abs(left) <= margin) {
      return true;
    }
    // A late chunk may well need its elapsed time once more.
    long untilDone = (left > 0 ? left : elapsed) + nanos(run.sizer.expectedSeconds(items));
    double others = run.sizer.expectedSeconds(run.pending.count() - items);
    if (untilDone <= nanos(others / run.slotLimit(slots.count()))) {
      return true;
    }
    if (left > 0) {
      alarm.setBy(now.nanos() + left - margin);
    }
    return false;
  }

  private static long nanos(double seconds) {
    return (long) (Math.min(seconds, FOR_EVER_SECONDS) * 1e9);
  }

  /**
   * Recalls work for idle slots while no job waits for a slot: queued chunks, and items of running
   * chunks that have not started. The items are dealt once they are back.
   */
  private void feedIdleSlots(Now now) {
    for (SlotState slot : slots) {
      DispatchedChunk running = slot.running;
      if (running == null || slot.stopping || running.run.ended || slot.hasRecalled()) {
        continue;
      }
      JobRun run = running.run;
      if (run.spec().paused()
          || run.slotsHeld >= run.slotLimit(slots.count())
          || !memory.hasRoomFor(run)) {
        continue;
      }
      if (running.isWorthSplitting(now)) {
        recall(slot, running); // recalls the queued chunk, too
      } else if (slot.ahead != null && slot.ahead.isWorthMoving()) {
        recall(slot, slot.ahead);
      } else if (slot.ahead != null || running.isSplittable()) {
        lookAgain(now);
      }
    }
  }

  private void lookAgain(Now now) {
    alarm.setBy(now.nanos() + nanos(LOOK_AGAIN_SECONDS));
  }

  /**
   * Recalls long queued chunks if another job waits for a slot. No worker keeps a long second chunk
   * of a job while another job waits for its first.
   */
  private void makeRoom() {
    for (SlotState slot : slots) {
      DispatchedChunk ahead = slot.ahead;
      if (ahead != null && !slot.stopping && !slot.hasRecalled() && ahead.isWorthMoving()) {
        if (queue.othersWait(ahead.run)) {
          recall(slot, ahead);
        }
      }
    }
  }

  /** Asks a slot for the items that have not started, of this chunk and of later ones. */
  void recall(SlotState slot, DispatchedChunk from) {
    from.recalled = true;
    if (slot.ahead != null) {
      slot.ahead.recalled = true;
    }
    decided.add(new Action.Recall(slot.index, from.chunk.number()));
  }
}
