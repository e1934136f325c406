package dev.manyhands.report;

/**
 * How slots spent their time, in slot-seconds or as shares of the whole. Two slots that are busy
 * for 3 s have spent 6 slot-seconds. The sum of all parts is slots × wall time.
 *
 * @param startUp workers' processes started and functions were loaded
 * @param transfer items and results were under way, and the service was busy with them
 * @param read workers turned bytes into items
 * @param run workers were inside the function
 * @param write workers turned results into bytes
 * @param lost the work had no result, because its worker died or had to be stopped
 * @param unreported workers have a chunk, and their work since the last report is not known; 0 once
 *     the job has ended
 * @param idle a slot had no work of this job: it waited for items or for its turn, or no items were
 *     left
 */
public record SlotTime(
    double startUp,
    double transfer,
    double read,
    double run,
    double write,
    double lost,
    double unreported,
    double idle) {

  /** Creates a time in which nothing is unreported. */
  SlotTime(
      double startUp,
      double transfer,
      double read,
      double run,
      double write,
      double lost,
      double idle) {
    this(startUp, transfer, read, run, write, lost, 0, idle);
  }

  double total() {
    return startUp + transfer + read + run + write + lost + unreported + idle;
  }

  double share(double part) {
    return total() <= 0 ? 0 : part / total();
  }

  /** Returns the times as shares of the whole. */
  SlotTime shares() {
    return new SlotTime(
        share(startUp),
        share(transfer),
        share(read),
        share(run),
        share(write),
        share(lost),
        share(unreported),
        share(idle));
  }

  SlotTime rounded() {
    return new SlotTime(
        JobReport.rounded(startUp),
        JobReport.rounded(transfer),
        JobReport.rounded(read),
        JobReport.rounded(run),
        JobReport.rounded(write),
        JobReport.rounded(lost),
        JobReport.rounded(unreported),
        JobReport.rounded(idle));
  }
}
