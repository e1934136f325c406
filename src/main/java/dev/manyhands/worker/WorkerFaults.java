package dev.manyhands.worker;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a failure costs one worker, and neither others nor the thread of the pool.
 * Confined to that thread.
 */
final class WorkerFaults {
  private static final Logger log = LoggerFactory.getLogger(WorkerFaults.class);

  private final SlotTable slots;
  private final LongSupplier nanoClock;

  WorkerFaults(SlotTable slots, LongSupplier nanoClock) {
    this.slots = slots;
    this.nanoClock = nanoClock;
  }

  /**
   * Ends a worker for which something failed. A worker that broke the protocol is charged for that.
   * Otherwise the service failed at something that it did for the worker: the slot gets back all
   * that it had. The cause may be that there is no memory, so nothing is allocated here that need
   * not be.
   *
   * @param worker null when the slot had none
   * @param slot of the worker before the failure; {@link Worker#NO_SLOT} for none
   */
  void failed(@Nullable Worker worker, int slot, Throwable fault) {
    if (worker != null && fault instanceof BrokenProtocolException broken) {
      worker.broken(broken, nanoClock.getAsLong());
      return;
    }
    if (slot != Worker.NO_SLOT) {
      slots.markAbandoned(slot);
      abandon(slot);
    }
    if (worker != null) {
      worker.giveUp(nanoClock.getAsLong());
    }
    log.error("the service failed at something that it did for a worker, slot={}", slot, fault);
  }

  /** Takes all that the slot has from it, and ends its worker, without an event for the slot. */
  void abandon(int slot) {
    Worker worker = slots.clear(slot);
    if (worker != null) {
      worker.giveUp(nanoClock.getAsLong());
    }
  }
}
