package dev.manyhands.store.writer;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The writer's current step, so that another thread can see how long it takes. Safe for use by any
 * thread.
 */
final class UnderWay {
  private final LongSupplier nanoClock;

  // All fields below are guarded by this.
  private List<Write<?>> group = List.of();
  private boolean busy;
  private boolean slow;
  private long sinceNanos;

  UnderWay(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * Notes that a step begins.
   *
   * @param writes of the step, which do not change before its end
   */
  synchronized void begin(List<Write<?>> writes) {
    group = writes;
    busy = true;
    slow = false;
    sinceNanos = nanoClock.getAsLong();
  }

  /** Notes that the step has ended, if one was under way; returns whether it was slow. */
  synchronized boolean end() {
    boolean wasSlow = slow;
    group = List.of();
    busy = false;
    slow = false;
    return wasSlow;
  }

  /**
   * Calls back, once, when the step has taken longer than this. A step with a write that may take
   * any time is never slow. The step cannot end meanwhile. Therefore the actions on a slow step
   * come before the actions at its end.
   *
   * @param whenSlow gets the writes of the step
   */
  synchronized void lookAt(Duration longest, Consumer<List<Write<?>>> whenSlow) {
    boolean isLate = busy && nanoClock.getAsLong() - sinceNanos > longest.toNanos();
    if (isLate && !slow && group.stream().noneMatch(Write::mayTakeLong)) {
      slow = true;
      whenSlow.accept(group);
    }
  }
}
