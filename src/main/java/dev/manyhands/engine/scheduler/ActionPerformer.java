package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.pool.WorkerPool;
import dev.manyhands.model.Chunk;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs the decisions of the core. The core does not learn of a failure here. A failure
 * therefore stops no other action, and each kind of action has a remedy where it needs one. Owned
 * by the scheduler's thread.
 */
final class ActionPerformer {
  private static final Logger log = LoggerFactory.getLogger(ActionPerformer.class);

  private final SchedulerPorts ports;
  private final RunningJobs running;
  private final WorkerPool pool;
  private final OutcomeWrites writes;
  private final CancelWrites cancels;
  private final JobEnds ends;
  private final TryAgain again;

  /** Chunks that run alone and wait for their note in the store, by slot. No worker has them. */
  private final Map<Integer, Chunk> unnoted = new HashMap<>();

  ActionPerformer(
      SchedulerPorts ports,
      RunningJobs running,
      WorkerPool pool,
      OutcomeWrites writes,
      CancelWrites cancels,
      JobEnds ends,
      TryAgain again) {
    this.ports = ports;
    this.running = running;
    this.pool = pool;
    this.writes = writes;
    this.cancels = cancels;
    this.ends = ends;
    this.again = again;
  }

  /** Performs the actions in order, and takes each out. A fault leaves those after it. */
  void perform(Queue<Action> decided) {
    for (Action action; (action = decided.poll()) != null; ) {
      try {
        performNow(action);
      } catch (Throwable fault) {
        log.error("the service failed at {}", action.getClass().getSimpleName(), fault);
        remedy(action);
      }
    }
  }

  private void performNow(Action action) {
    switch (action) {
      case Action.Dispatch dispatch -> {
        if (dispatch.alone()) {
          unnoted.put(dispatch.slot(), dispatch.chunk());
          writes.alone(dispatch);
        } else {
          pool.dispatch(dispatch.slot(), dispatch.chunk(), dispatch.job());
        }
      }
      case Action.Recall recall -> {
        takeBackUnnoted(recall.slot());
        pool.recall(recall.slot(), recall.fromChunk());
      }
      case Action.Stop stop -> {
        takeBackUnnoted(stop.slot());
        pool.stop(stop.slot());
      }
      case Action.LookUp lookUp ->
          ports.memo().lookUp(lookUp.job(), lookUp.version(), lookUp.items(), writes.inbox());
      case Action.Publish publish -> ports.board().publish(publish.job(), publish.status());
      case Action.NoteStart start -> writes.start(start);
      case Action.RecordOutcomes write -> writes.record(write);
      case Action.CancelItems cancel -> cancels.write(cancel);
      case Action.NotCancelled not -> cancels.refuse(not);
      case Action.Finish finish -> {
        pool.release(finish.job());
        ends.reduceAndFinish(finish);
      }
    }
  }

  private void remedy(Action action) {
    switch (action) {
      case Action.RecordOutcomes write -> {
        running.lacksOutcomes(write.job()); // the core may end the job before it gets the failure
        writes.notStored(write.job());
      }
      // The job fails: without the row, a later service would run the items.
      case Action.CancelItems cancel -> writes.notStored(cancel.job());
      case Action.NotCancelled not -> {}
      case Action.LookUp unknown ->
          unknown
              .items()
              .forEach(
                  items -> writes.inbox().release(unknown.job().id(), unknown.version(), items));
      case Action.NoteStart start -> again.later(() -> performNow(start));
      case Action.Finish finish -> again.later(() -> performNow(finish));
      // The next status shows all that this one would have shown.
      case Action.Publish publish -> {}
      case Action.Dispatch dispatch -> {
        unnoted.remove(dispatch.slot());
        pool.giveBack(dispatch.slot(), dispatch.chunk());
      }
      // The pool handles its own faults.
      case Action.Recall recall -> {}
      case Action.Stop stop -> {}
    }
  }

  /** Returns the items of a chunk that waits for its note. The pool does not know the chunk yet. */
  private void takeBackUnnoted(int slot) {
    Chunk chunk = unnoted.remove(slot);
    if (chunk != null) {
      pool.giveBack(slot, chunk);
    }
  }

  /**
   * Handles the store's answer about a chunk that runs alone. The chunk is dispatched if the store
   * has noted it and its job has not ended. Otherwise its items are returned. A chunk that was
   * recalled or stopped in the meantime is back already.
   */
  void noted(Message.Noted noted) {
    Action.Dispatch alone = noted.dispatch();
    if (!unnoted.remove(alone.slot(), alone.chunk())) {
      return;
    }
    boolean runs = noted.durable() && running.has(alone.chunk().job());
    try {
      if (runs) {
        pool.dispatch(alone.slot(), alone.chunk(), alone.job());
      }
    } catch (Throwable fault) {
      log.error("the service failed at a chunk that runs alone", fault);
      runs = false;
    }
    if (!runs) {
      pool.giveBack(alone.slot(), alone.chunk());
    }
  }
}
