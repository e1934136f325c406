package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.WorkerStarter;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import java.time.Clock;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Assigns workers to slots: finds a warm worker or starts one, ends workers that are stuck or worn
 * out, and reports what becomes of each chunk. A worker without work keeps its function and waits
 * for the next job with that function.
 *
 * <p>One thread calls all methods and owns all state; no method blocks. Events of workers come in
 * as {@link WorkerEvent}, and the pool's own go out as {@link SlotEvent}. No event goes out within
 * {@link #dispatch}.
 */
public final class WorkerPool {
  private final WorkerSettings settings;
  private final LongSupplier nanoClock;
  private final WorkerRoster roster;
  private final SlotTable slots;
  private final Watchdog watchdog;
  private final WorkerFaults faults;
  private final WorkerEventHandler events;

  /**
   * Creates a pool without workers.
   *
   * @param fromWorkers hands events to the owner's thread; called by any thread
   * @param toSlots receives the events of slots; called in the owner's thread
   */
  public WorkerPool(
      WorkerSettings settings,
      WorkerStarter starter,
      Consumer<WorkerEvent> fromWorkers,
      Consumer<SlotEvent> toSlots,
      PoolListener listener,
      LongSupplier nanoClock,
      Clock clock) {
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.roster = new WorkerRoster(settings, starter, fromWorkers, nanoClock, clock);
    this.slots = new SlotTable(settings.pool().slots(), toSlots);
    this.watchdog = new Watchdog(settings);
    this.faults = new WorkerFaults(slots, nanoClock);
    this.events =
        new WorkerEventHandler(
            roster, slots, watchdog, faults, this::dispatch, listener, nanoClock);
  }

  // ---- chunks

  /**
   * Gives a chunk to the slot's worker, behind its present chunk. A slot without a worker first
   * gets a warm one or a new one. The chunk waits if the slot's worker may get no more.
   */
  public void dispatch(int slot, Chunk chunk, Job job) {
    if (slots.isAbandoned(slot)) {
      return; // the chunk goes back with the slot's other chunks
    }
    try {
      give(slot, chunk, job);
    } catch (Throwable fault) {
      faults.failed(slots.worker(slot), slot, fault);
    }
  }

  private void give(int slot, Chunk chunk, Job job) {
    Worker worker = slots.worker(slot);
    if (worker != null
        && (worker.isEnding()
            || watchdog.wornOut(worker) != null
            || !worker.use().hasRoomFor(chunk.items().count()))) {
      slots.hold(slot, new SentChunk(chunk, job));
      return;
    }
    if (worker == null) {
      worker = roster.take(chunk, job);
      slots.bind(slot, worker);
    }
    worker.give(chunk, job, now());
  }

  /**
   * Reports to the slot that all items of a chunk are returned, because the chunk cannot be
   * dispatched.
   */
  public void giveBack(int slot, Chunk chunk) {
    slots.report(new SlotEvent.Returned(slot, chunk.number(), chunk.items().first()));
  }

  /**
   * Ends the workers that only this job may use, because the job has ended. A worker that has
   * chunks ends after them.
   */
  public void release(JobId job) {
    for (Worker worker : roster.view()) {
      if (job.equals(worker.key().owner())) {
        worker.use().release();
        if (worker.sent().isEmpty()) {
          worker.askToEnd(Ending.Plain.IDLE, now());
        }
      }
    }
  }

  /** Asks the slot to hand back the items that have not started, of this chunk and later ones. */
  public void recall(int slot, long fromChunk) {
    request(slot, worker -> worker.recall(fromChunk));
  }

  /** Stops the slot's chunks. Kills the worker if it is still busy after {@code stopGrace}. */
  public void stop(int slot) {
    request(
        slot,
        worker -> {
          if (!worker.sent().isEmpty()) {
            worker.stop(now() + settings.pool().stopGrace().toNanos());
          }
        });
  }

  private void request(int slot, Consumer<Worker> request) {
    Worker worker = slots.worker(slot);
    try {
      slots.returnHeld(slot);
      if (worker != null) {
        request.accept(worker);
      }
    } catch (Throwable fault) {
      faults.failed(worker, slot, fault);
    }
  }

  /** Removes all chunks from the slot, and ends its worker. The slot gets no event of this. */
  public void abandon(int slot) {
    faults.abandon(slot);
  }

  /**
   * Lets the slot have chunks again after a fault. Called when the owner of the slot handles the
   * {@link SlotEvent.WorkerLost}. Chunks that were dispatched before never run: their items go back
   * with this event.
   */
  public void free(int slot) {
    slots.free(slot);
  }

  /** Handles an event of a worker. */
  public void handle(WorkerEvent event) {
    events.handle(event);
  }

  // ---- endings

  /**
   * Asks idle workers to end, and kills all others. {@link #isEmpty} returns true when they are
   * gone.
   */
  public void endAll() {
    for (Worker worker : roster.all()) {
      if (worker.sent().isEmpty()) {
        worker.askToEnd(Ending.Plain.SHUTDOWN, now());
      } else {
        worker.kill(Ending.Plain.SHUTDOWN, now());
      }
    }
  }

  /** Kills all workers now. */
  public void killAll() {
    roster.view().forEach(worker -> worker.kill(Ending.Plain.SHUTDOWN, now()));
  }

  public boolean isEmpty() {
    return roster.view().isEmpty();
  }

  // ---- time passes

  /**
   * Ends workers that are stuck, late, over a time limit or idle for too long. Also reports slots
   * that have lost their worker to a fault.
   */
  public void tick() {
    slots.reportAbandoned();
    long now = now();
    for (Worker worker : roster.all()) {
      try {
        worker.end(watchdog.look(worker, now), now);
      } catch (Throwable fault) {
        faults.failed(worker, worker.slot(), fault);
      }
    }
  }

  /**
   * Returns the time of the pool's clock, in nanoseconds, at which {@link #tick} is due; empty if
   * never.
   */
  public OptionalLong wakeNanos() {
    long now = now();
    long wake = slots.hasUnreported() ? 0 : Long.MAX_VALUE;
    for (Worker worker : roster.view()) {
      wake = Math.min(wake, watchdog.nextLook(worker, now));
    }
    return wake == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(now + wake);
  }

  /** Returns all workers as they are now. */
  public List<WorkerView> views() {
    long now = now();
    return roster.view().stream().map(worker -> worker.view(now)).toList();
  }

  private long now() {
    return nanoClock.getAsLong();
  }
}
