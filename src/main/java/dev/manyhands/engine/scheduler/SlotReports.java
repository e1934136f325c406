package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Outcomes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Handles the reports of slots. Records outcomes, returns items without an outcome to their job,
 * and frees the slot for its next chunk.
 *
 * <p>Owned by the scheduler thread.
 */
final class SlotReports {
  private final Dealer dealer;
  private final Delays delays;
  private final Recorder recorder;

  SlotReports(Dealer dealer, Delays delays, Recorder recorder) {
    this.dealer = dealer;
    this.delays = delays;
    this.recorder = recorder;
  }

  /**
   * Handles a report. Returns the job that the report is about; null if the slot no longer has the
   * chunk or the job.
   */
  @Nullable JobRun take(SlotEvent event, Now now) {
    SlotState slot = dealer.slots().get(event.slot());
    return switch (event) {
      case SlotEvent.Reported reported -> report(slot, reported, now);
      case SlotEvent.Returned returned -> takeBack(slot, returned, now);
      case SlotEvent.WorkerLost lost -> loseWorker(slot, lost, now);
      case SlotEvent.NotLoaded notLoaded -> failToLoad(slot, notLoaded, now);
    };
  }

  private @Nullable JobRun report(SlotState slot, SlotEvent.Reported event, Now now) {
    DispatchedChunk dispatched = slot.dispatched(event.chunk());
    if (dispatched == null) {
      return null;
    }
    event.parts().forEach(part -> dispatched.reported(part.items()));
    JobRun run = dispatched.run;
    if (!run.ended) {
      run.workerFailures.noteAnswer();
      dealer.noteAnswer(run, now);
      run.sizer.measure(
          event.parts(), now.secondsSince(dispatched.reportedNanos), dispatched.reportedItems());
      dispatched.reportedNanos = now.nanos();
      for (Outcomes part : event.parts()) {
        if (!triesAgain(run, part, now)) {
          recorder.record(dispatched, run.withAttempts(part), event.worker(), event.pid(), now);
        }
      }
    }
    if (event.last()) {
      answered(slot, dispatched, now);
    }
    return run;
  }

  /**
   * Returns whether these are the outcomes of one failed item that has attempts left. If so, the
   * item waits for its next attempt.
   */
  private boolean triesAgain(JobRun run, Outcomes outcomes, Now now) {
    if (outcomes.items().count() != 1 || outcomes.errors().isEmpty()) {
      return false;
    }
    ItemError error = outcomes.errors().getFirst();
    boolean again = run.mayTryAgain(error);
    if (again) {
      tryAgain(run, error.index(), now);
    }
    return again;
  }

  /** Lets an item that has lost an attempt run again, alone, after the backoff of its job. */
  private void tryAgain(JobRun run, long item, Now now) {
    if (run.spec().retry().backoff().isZero()) {
      run.putBackAlone(ItemRange.ofCount(item, 1));
    } else {
      delays.add(run, item, now);
    }
  }

  private @Nullable JobRun takeBack(SlotState slot, SlotEvent.Returned event, Now now) {
    DispatchedChunk dispatched = slot.dispatched(event.chunk());
    if (dispatched == null) {
      return null;
    }
    ItemRange items = dispatched.returned(event.first());
    dispatched.run.putBack(items, dispatched.suspect);
    dispatched.run.recycling.tookBack(slot.index, items.count());
    if (dispatched.remaining == null) {
      answered(slot, dispatched, now);
    }
    return dispatched.run;
  }

  private @Nullable JobRun loseWorker(SlotState slot, SlotEvent.WorkerLost event, Now now) {
    DispatchedChunk running = slot.running;
    DispatchedChunk ahead = slot.ahead;
    if (running == null) {
      return null;
    }
    JobRun run = running.run;
    run.recycling.lost(slot.index);
    ItemRange lost = running.remaining;
    if (lost == null) {
      throw new IllegalStateException("slot " + slot.index + " kept an answered chunk");
    }
    if (!run.workerFailures.isToBlameFor(event.death().cause())) {
      if (ahead != null) {
        giveUp(slot, ahead, now);
      }
      giveUp(slot, running, now);
      return run;
    }
    Blame blame = blame(running, lost, ahead, event);
    if (ahead != null) {
      dealer.release(slot, ahead, now);
    }
    dealer.release(slot, running, now);
    blame.innocent().forEach(items -> run.putBack(items, false));
    blame.alone().forEach(run::putBackAlone);
    Long charged = blame.charged();
    if (charged != null) {
      charge(ahead == null || lost.contains(charged) ? running : ahead, charged, event, now);
    }
    return run;
  }

  private static Blame blame(
      DispatchedChunk running,
      ItemRange lost,
      @Nullable DispatchedChunk ahead,
      SlotEvent.WorkerLost event) {
    ItemRange behind = ahead == null ? null : ahead.remaining;
    // An item that runs alone is charged in any case. Its kills would have no end otherwise.
    boolean isAlone = running.suspect && lost.count() == 1;
    if (!event.overtaken() || isAlone) {
      return Blame.of(lost, behind, namedItems(running, ahead, event));
    }
    List<Long> late =
        event.items().stream()
            .filter(item -> running.lacks(item) || (ahead != null && ahead.lacks(item)))
            .sorted()
            .distinct()
            .toList();
    return Blame.ofOvertaken(lost, behind, late);
  }

  /**
   * Returns the items of lost chunks that their worker was running, ascending. With several
   * threads, items of the second chunk may run. The chunk that the worker names may then be the one
   * before, because the worker changes the name last.
   */
  private static List<Long> namedItems(
      DispatchedChunk running, @Nullable DispatchedChunk ahead, SlotEvent.WorkerLost event) {
    boolean severalRun = running.run.spec().threads() > 1;
    if (!severalRun && !Long.valueOf(running.chunk.number()).equals(event.chunk())) {
      return List.of();
    }
    return event.items().stream()
        .filter(item -> running.lacks(item) || (severalRun && ahead != null && ahead.lacks(item)))
        .sorted()
        .distinct()
        .toList();
  }

  /** Charges the guilty item. It is tried again, alone, or fails if it has no attempt left. */
  private void charge(DispatchedChunk dispatched, long item, SlotEvent.WorkerLost event, Now now) {
    JobRun run = dispatched.run;
    if (run.ended) {
      return;
    }
    var death = event.death();
    if (run.losesLastAttempt(item, death.cause())) {
      var error =
          new ItemError(
              item,
              Blame.kind(death.cause()),
              death.type(),
              death.message(),
              death.lastWords(),
              run.attempt(item) - 1);
      recorder.record(
          dispatched, Outcomes.failed(error, event.peakRss()), event.worker(), event.pid(), now);
    } else {
      tryAgain(run, item, now);
    }
  }

  private @Nullable JobRun failToLoad(SlotState slot, SlotEvent.NotLoaded event, Now now) {
    DispatchedChunk running = slot.running;
    if (running == null) {
      return null;
    }
    JobRun run = running.run;
    run.recycling.lost(slot.index);
    if (slot.ahead != null) {
      giveUp(slot, slot.ahead, now);
    }
    giveUp(slot, running, now);
    if (!run.id().equals(event.job())) {
      return null;
    }
    run.workerFailures.noteNotLoaded(event.fault(), event.error(), run.spec().retry().crash());
    return run;
  }

  private void giveUp(SlotState slot, DispatchedChunk dispatched, Now now) {
    if (dispatched.remaining != null) {
      dispatched.run.putBack(dispatched.remaining, dispatched.suspect);
    }
    dealer.release(slot, dispatched, now);
  }

  /** Releases a chunk that is answered in full. */
  private void answered(SlotState slot, DispatchedChunk dispatched, Now now) {
    if (dispatched.remaining != null) {
      throw new IllegalStateException(
          "chunk " + dispatched.chunk + " lacks " + dispatched.remaining);
    }
    dealer.release(slot, dispatched, now);
  }
}
