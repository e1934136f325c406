package dev.manyhands.engine.worker;

/** Why a worker could not load a job's function. */
public enum StartFault {
  /** The function is to blame: another try would fail in this way, too. */
  FUNCTION,
  /** The worker died or could not be started. Another try may succeed. */
  PASSING,
  /**
   * The disk is full or the store is away, which no job is to blame for. The reporter has waited a
   * while, so that the next try may be made at once.
   */
  OUTAGE
}
