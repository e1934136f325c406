package dev.manyhands.store;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The step that the writer is at, so that another thread can see for how long. Safe for use by any
 * thread.
 */
final class UnderWay {
  private final LongSupplier nanoClock;

  // Guarded by this.
  private List<Write<?>> group = List.of();
  private boolean busy;
  private boolean slow;
  private long sinceNanos;

  UnderWay(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * A step begins.
   *
   * @param writes of the step, which do not change before its end
   */
  synchronized void begin(List<Write<?>> writes) {
    group = writes;
    busy = true;
    slow = false;
    sinceNanos = nanoClock.getAsLong();
  }

  /** The step has ended, if one was under way; whether it was found to be slow. */
  synchronized boolean end() {
    boolean wasSlow = slow;
    group = List.of();
    busy = false;
    slow = false;
    return wasSlow;
  }

  /**
   * Calls back, once, when the step has taken longer than this. The step does not end meanwhile, so
   * that what is done about a slow step comes before what is done at its end.
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
