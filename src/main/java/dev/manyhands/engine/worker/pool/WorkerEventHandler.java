package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.BrokenProtocolException;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerEvent.Gone;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the events of workers, and reports the state of their chunks to the owner of the slots.
 * Part of the {@link WorkerPool}, and confined to its thread.
 */
final class WorkerEventHandler {
  private static final Logger log = LoggerFactory.getLogger(WorkerEventHandler.class);

  /** Gives a slot a chunk. */
  interface Dispatcher {
    void dispatch(int slot, Chunk chunk, Job job);
  }

  private final WorkerRoster roster;
  private final SlotTable slots;
  private final Watchdog watchdog;
  private final WorkerFaults faults;
  private final Dispatcher dispatcher;
  private final PoolListener listener;
  private final LongSupplier nanoClock;

  WorkerEventHandler(
      WorkerRoster roster,
      SlotTable slots,
      Watchdog watchdog,
      WorkerFaults faults,
      Dispatcher dispatcher,
      PoolListener listener,
      LongSupplier nanoClock) {
    this.roster = roster;
    this.slots = slots;
    this.watchdog = watchdog;
    this.faults = faults;
    this.dispatcher = dispatcher;
    this.listener = listener;
    this.nanoClock = nanoClock;
  }

  /** Handles an event of a worker. */
  void handle(WorkerEvent event) {
    Worker worker = roster.get(event.worker());
    if (worker == null) {
      if (event instanceof WorkerEvent.Launched late) {
        // The pool gave the worker up while it was being started. The next start of the service
        // removes its directory.
        killLate(late.process());
      }
      return;
    }
    int slot = worker.slot();
    try {
      take(worker, event);
    } catch (Throwable fault) {
      try {
        faults.failed(worker, slot, fault);
      } finally {
        if (event instanceof Gone || event instanceof WorkerEvent.NotLaunched) {
          roster.forget(worker);
        }
      }
    }
  }

  private static void killLate(RunningWorker process) {
    try {
      process.kill();
    } catch (Throwable left) {
      log.error("a worker that was given up is still there and ended at the next start", left);
    }
  }

  private void take(Worker worker, WorkerEvent event) {
    switch (event) {
      case WorkerEvent.Launched launched -> worker.launched(launched.process());
      case WorkerEvent.NotLaunched failed -> {
        notLoaded(worker, failed.error(), failed.fault());
        forget(worker, Deaths.NOT_STARTED);
      }
      case WorkerEvent.Ready ready -> worker.ready(ready.runtime());
      case WorkerEvent.Loaded _ -> worker.loaded(now());
      case WorkerEvent.NotLoaded failed -> {
        notLoaded(worker, failed.error(), StartFault.FUNCTION);
        worker.askToEnd(Ending.Plain.NOT_LOADED, now());
      }
      case WorkerEvent.Answered answered -> answered(worker, answered);
      case WorkerEvent.HandedBack back -> handedBack(worker, back);
      case WorkerEvent.SeedsItself _ -> {} // concerns the job alone
      case WorkerEvent.Excess excess -> {
        log.warn("worker {} is ended, job={}: {}", worker.id(), excess.job(), excess.detail());
        worker.kill(Ending.Plain.EXCESS, now());
      }
      case WorkerEvent.Broken broken ->
          worker.broken(new BrokenProtocolException(broken.detail()), now());
      case WorkerEvent.Gone gone -> gone(worker, gone);
      case WorkerEvent.ScratchFull full -> worker.end(new Ending.ScratchFull(full.why()), now());
      case WorkerEvent.Usage usage -> worker.end(watchdog.used(worker, usage), now());
    }
  }

  private void answered(Worker worker, WorkerEvent.Answered event) {
    int slot = worker.slot();
    worker.answered(event, now());
    if (event.last()) {
      rest(worker);
    }
    var parts = worker.watch().withSeenRss(event.parts());
    slots.report(
        new SlotEvent.Reported(
            slot, event.chunk(), parts, event.last(), worker.id(), worker.pid()));
  }

  private void handedBack(Worker worker, WorkerEvent.HandedBack event) {
    int slot = worker.slot();
    if (worker.sent().handedBack(event)) {
      rest(worker);
    }
    slots.report(new SlotEvent.Returned(slot, event.chunk(), event.first()));
  }

  /**
   * Frees the slot of a worker without chunks, and ends the worker if it is worn out. Then
   * dispatches the chunk that waits for the slot. If the worker has chunks, only ends a recall
   * whose chunks are all back.
   */
  private void rest(Worker worker) {
    if (!worker.sent().isEmpty()) {
      worker.endRecall(now());
      return;
    }
    int slot = worker.slot();
    slots.unbind(worker);
    worker.rest(now());
    worker.end(watchdog.wornOut(worker), now());
    SentChunk next = slots.takeHeld(slot);
    if (next != null) {
      dispatcher.dispatch(slot, next.chunk(), next.job());
    }
  }

  private void notLoaded(Worker worker, JobError error, StartFault fault) {
    int slot = worker.slot();
    if (slot == Worker.NO_SLOT) {
      return;
    }
    SentChunk first = worker.sent().running();
    slots.unbind(worker);
    worker.sent().clear();
    slots.dropHeld(slot);
    if (first != null) {
      slots.report(new SlotEvent.NotLoaded(slot, first.job().id(), error, fault));
    }
  }

  private void gone(Worker worker, Gone event) {
    if (event.fault() != null) {
      worker.endedByFault();
    }
    SentChunk running = worker.sent().running();
    if (worker.slot() != Worker.NO_SLOT && running != null) {
      var death = worker.death(event);
      log.info(
          "worker {} ended while it had chunk {} of job {}: {}",
          worker.id(),
          running.number(),
          running.job().id(),
          death.message());
      if (worker.isLoaded()) {
        lost(worker, death);
      } else {
        String message =
            "a worker ended before the function was loaded"
                + (worker.key().initializer() == null ? "" : " and the initializer had run")
                + ": "
                + death.message();
        var error = new JobError("FUNCTION_NOT_LOADED", message, death.lastWords());
        notLoaded(worker, error, worker.startFault());
      }
    }
    forget(worker, worker.reason(event));
  }

  private void lost(Worker worker, SlotEvent.Death death) {
    int slot = worker.slot();
    var loss = worker.loss(slot, death);
    slots.unbind(worker);
    slots.dropHeld(slot);
    slots.report(loss);
  }

  private void forget(Worker worker, String reason) {
    if (worker.slot() != Worker.NO_SLOT) {
      slots.unbind(worker);
    }
    roster.forget(worker);
    try {
      listener.ended(worker.kind(), reason);
    } catch (Throwable fault) {
      log.error("a listener of the pool failed", fault);
    }
  }

  private long now() {
    return nanoClock.getAsLong();
  }
}
