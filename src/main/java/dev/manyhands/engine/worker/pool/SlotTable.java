package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.SlotEvent;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slots of a {@link WorkerPool}. The table has the worker of each slot, and the chunk that
 * waits for a new worker. It also has the slots that have lost their worker to a fault of the
 * service. Confined to the pool's thread.
 */
final class SlotTable {
  private static final Logger log = LoggerFactory.getLogger(SlotTable.class);

  private final Consumer<SlotEvent> events;

  /** Workers by slot; null for a slot without a worker. */
  private final @Nullable Worker[] workers;

  /**
   * Chunks by slot. Each waits until the slot's worn-out or ending worker has no chunk left, and
   * then goes to another worker.
   */
  private final @Nullable SentChunk[] held;

  /** Slots whose worker was given up after a fault, until {@link #free}. */
  private final boolean[] abandoned;

  /** Abandoned slots whose loss was reported. The owner has yet to handle the report. */
  private final boolean[] reported;

  SlotTable(int slots, Consumer<SlotEvent> events) {
    this.events = events;
    this.workers = new Worker[slots];
    this.held = new SentChunk[slots];
    this.abandoned = new boolean[slots];
    this.reported = new boolean[slots];
  }

  /** Reports to the owner of a slot. */
  void report(SlotEvent event) {
    events.accept(event);
  }

  /** Returns the worker of the slot; null for none. */
  @Nullable Worker worker(int slot) {
    return workers[slot];
  }

  void bind(int slot, Worker worker) {
    worker.slot(slot);
    workers[slot] = worker;
  }

  /** Separates a worker from its slot. The worker must have one. */
  void unbind(Worker worker) {
    workers[worker.slot()] = null;
    worker.slot(Worker.NO_SLOT);
  }

  // ---- held chunks

  void hold(int slot, SentChunk chunk) {
    held[slot] = chunk;
  }

  /** Returns the chunk that waits, and no longer holds it; null for none. */
  @Nullable SentChunk takeHeld(int slot) {
    SentChunk waiting = held[slot];
    held[slot] = null;
    return waiting;
  }

  void dropHeld(int slot) {
    held[slot] = null;
  }

  /** Returns a waiting chunk to the owner of the slot. */
  void returnHeld(int slot) {
    SentChunk waiting = held[slot];
    if (waiting != null) {
      events.accept(new SlotEvent.Returned(slot, waiting.number(), waiting.next()));
      held[slot] = null;
    }
  }

  // ---- slots that lost their worker to a fault of the service

  /** Marks a slot whose worker is given up, and whose owner has yet to be notified. */
  void markAbandoned(int slot) {
    abandoned[slot] = true;
  }

  boolean isAbandoned(int slot) {
    return abandoned[slot];
  }

  /**
   * Empties the slot: drops the chunk that waits in it, and detaches its worker, which is returned;
   * null for none.
   */
  @Nullable Worker clear(int slot) {
    held[slot] = null;
    Worker worker = workers[slot];
    workers[slot] = null;
    return worker;
  }

  /** Reports abandoned slots to their owner. A report that fails is repeated by a later call. */
  void reportAbandoned() {
    for (int slot = 0; slot < abandoned.length; slot++) {
      if (abandoned[slot] && !reported[slot]) {
        try {
          events.accept(
              new SlotEvent.WorkerLost(
                  slot, null, List.of(), false, Ending.Plain.FAULT.death(null), 0, 0, null));
          reported[slot] = true;
        } catch (Throwable notNow) {
          log.error(
              "the loss of a worker could not be reported to its slot, and will be again, slot={}",
              slot,
              notNow);
        }
      }
    }
  }

  boolean hasUnreported() {
    for (int slot = 0; slot < abandoned.length; slot++) {
      if (abandoned[slot] && !reported[slot]) {
        return true;
      }
    }
    return false;
  }

  /** Lets a slot have chunks again. Does nothing before the loss of the slot was reported. */
  void free(int slot) {
    if (reported[slot]) {
      reported[slot] = false;
      abandoned[slot] = false;
    }
  }
}
