package dev.manyhands.timeline;

/**
 * What slots did with their time, in seconds of one slot or as parts of the whole; all parts
 * together are slots × wall time.
 *
 * @param startUp workers' processes started and functions were loaded
 * @param transfer items and results were on their way, and the service was busy with them
 * @param read workers turned bytes into items
 * @param run workers were inside the function
 * @param write workers turned results into bytes
 * @param lost what ran came to nothing, because its worker died or had to be stopped
 * @param unreported workers have a chunk, and what they did since their last report is not known; 0
 *     once the job has ended
 * @param idle a slot had nothing of this job: it waited for items or for its turn, or had no more
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

  /** All of it was reported. */
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

  /** The same as parts of the whole. */
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
