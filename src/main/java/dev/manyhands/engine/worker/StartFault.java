package dev.manyhands.engine.worker;

/** The kind of a failure to load a job's function. */
public enum StartFault {
  /** The function is to blame: another try would fail, too, so that the job ends. */
  FUNCTION,
  /**
   * The worker died or could not be started. Another try may succeed; the job ends after several
   * such failures in a row.
   */
  PASSING,
  /**
   * No job is to blame: the disk is full, the store is away, or the service ended the worker. The
   * job tries again without a limit, and at once. During an outage the reporter has therefore
   * waited a while.
   */
  OUTAGE
}
