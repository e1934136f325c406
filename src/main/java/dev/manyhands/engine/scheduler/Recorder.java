package dev.manyhands.engine.scheduler;

import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import java.util.List;

/** Counts outcomes and has them stored. Owned by the scheduler thread. */
final class Recorder {
  private final List<Action> decided;

  /**
   * @param decided gets the actions
   */
  Recorder(List<Action> decided) {
    this.decided = decided;
  }

  /** Records outcomes that a worker has reported, or the service in place of a lost worker. */
  void record(DispatchedChunk dispatched, Outcomes outcomes, long worker, long pid, Now now) {
    var report =
        new OutcomeReport(
            outcomes, worker, pid, dispatched.since, now.wall(), dispatched.chunk.attempt());
    dispatched.since = now.wall();
    record(dispatched.run, report);
  }

  void record(JobRun run, OutcomeReport report) {
    run.count(report.outcomes());
    decided.add(new Action.RecordOutcomes(run.id(), run.version, report));
  }

  /** Records outcomes that were remembered, so that no worker ran the items. */
  void recordKnown(JobRun run, OutcomeReport report) {
    run.countCached(report.outcomes());
    decided.add(new Action.RecordOutcomes(run.id(), run.version, report));
  }
}
