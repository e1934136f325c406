package dev.manyhands.engine.scheduler;

import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The slots and their chunks. Owned by the scheduler thread. */
final class Slots implements Iterable<SlotState> {
  private final SlotState[] all;

  Slots(int count) {
    all = new SlotState[count];
    Arrays.setAll(all, SlotState::new);
  }

  int count() {
    return all.length;
  }

  SlotState get(int index) {
    return all[index];
  }

  @Override
  public Iterator<SlotState> iterator() {
    return Arrays.asList(all).iterator();
  }

  /** Returns whether all slots are free. */
  boolean isIdle() {
    return busy() == 0;
  }

  /** Returns the number of slots that have a chunk. */
  int busy() {
    int busy = 0;
    for (SlotState slot : all) {
      busy += slot.isFree() ? 0 : 1;
    }
    return busy;
  }

  /** Returns the suspected job that a slot runs; null if there is none. */
  @Nullable JobRun suspect() {
    for (SlotState slot : all) {
      if (slot.running != null && slot.running.run.suspicious) {
        return slot.running.run;
      }
    }
    return null;
  }

  /**
   * Returns the seconds since the last report on a job's running chunk, or since the start of the
   * chunk, summed over all slots.
   */
  double unreportedSeconds(JobRun run, Now now) {
    double seconds = 0;
    for (SlotState slot : all) {
      DispatchedChunk running = slot.running;
      if (running != null && running.run == run) {
        seconds += now.secondsSince(running.reportedNanos);
      }
    }
    return seconds;
  }

  /** Returns the job that a slot runs; null if the slot is free. */
  @Nullable JobRun running(int index) {
    DispatchedChunk running = all[index].running;
    return running == null ? null : running.run;
  }

  /** Frees a slot whose state may be wrong after a fault; returns the job that it had, or null. */
  @Nullable JobRun clear(int index) {
    JobRun lost = running(index);
    all[index] = new SlotState(index);
    return lost;
  }
}
