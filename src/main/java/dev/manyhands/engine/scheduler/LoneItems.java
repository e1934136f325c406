package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.ServiceDeaths;
import java.util.List;

/**
 * Begins suspected jobs, which may have ended the service. {@link Trial} has the rule for the items
 * that ran alone. Owned by the scheduler thread.
 */
final class LoneItems {
  private final Dealer dealer;
  private final Recorder recorder;

  LoneItems(Dealer dealer, Recorder recorder) {
    this.dealer = dealer;
    this.recorder = recorder;
  }

  /**
   * Handles the items of a suspected job that ran alone when the service last died. Several items
   * run again, alone, in smaller parts. A single one runs again, or fails after too many deaths.
   *
   * @return the other items; all items if the job is not suspected
   */
  List<ItemRange> begin(JobRun run, CoreEvent.Run command, Now now) {
    if (!run.suspicious) {
      return command.remaining();
    }
    var trial = Trial.of(command.remaining(), command.deaths());
    trial.parts().forEach(run::putBackAlone);
    if (trial.single() != null) {
      tryAlone(run, trial.single(), command.deaths(), now);
    }
    return trial.others();
  }

  private void tryAlone(JobRun run, long item, ServiceDeaths deaths, Now now) {
    run.loseAttempts(item, deaths.aloneCount());
    if (deaths.aloneCount() < run.spec().retry().crash()) {
      run.putBackAlone(ItemRange.ofCount(item, 1));
      return;
    }
    dealer.noteStart(run, now);
    var outcomes = Outcomes.failed(Trial.error(item, deaths), null);
    recorder.record(
        run, new OutcomeReport(outcomes, OutcomeReport.SERVICE, 0, now.wall(), now.wall(), 1));
  }
}
