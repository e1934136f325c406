package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Items that wait before they are tried again, of all jobs. Owned by the scheduler thread. */
final class Delays {
  private final Alarm alarm;
  private final Set<JobRun> delaying = new LinkedHashSet<>();

  Delays(Alarm alarm) {
    this.alarm = alarm;
  }

  /** Delays an item that has lost an attempt. */
  void add(JobRun run, long item, Now now) {
    run.delayed.add(item, now.nanos() + run.backoffNanos(run.attempt(item) - 1));
    delaying.add(run);
    run.moves++;
  }

  void remove(JobRun run) {
    delaying.remove(run);
    run.delayed.clear();
  }

  /**
   * Makes items pending again that have waited long enough, each to run alone; returns their jobs.
   * Sets the alarm for the others.
   */
  List<JobRun> putBackDue(Now now) {
    var ready = new ArrayList<JobRun>();
    for (JobRun run : List.copyOf(delaying)) {
      var due = run.delayed.takeDue(now.nanos());
      due.forEach(item -> run.putBackAlone(ItemRange.ofCount(item, 1)));
      if (!due.isEmpty()) {
        ready.add(run);
      }
      run.delayed.nextNanos().ifPresentOrElse(alarm::setBy, () -> delaying.remove(run));
    }
    return ready;
  }
}
