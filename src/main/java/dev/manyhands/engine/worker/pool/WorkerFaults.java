package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.BrokenProtocolException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the cost of a failure to one worker. Other workers and the thread of the pool are not
 * affected. Confined to the pool's thread.
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
   * Ends a worker for which something failed. A breach of the protocol counts as a crash of the
   * worker. Otherwise the service failed in its work for the worker, and the slot gets back all its
   * chunks. The cause may be a lack of memory, so that as little as possible is allocated here.
   *
   * @param worker null when the slot had none
   * @param slot the slot of the worker before the failure; {@link Worker#NO_SLOT} for none
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

  /** Removes all chunks from the slot, and ends its worker, without an event for the slot. */
  void abandon(int slot) {
    Worker worker = slots.clear(slot);
    if (worker != null) {
      worker.giveUp(nanoClock.getAsLong());
    }
  }
}
