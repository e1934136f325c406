package dev.manyhands.comparison;

/** Where a comparison is in its life: {@code RUNNING → FINISHED | FAILED | CANCELLED}. */
public enum ComparisonState {
  /** Its jobs run one after the other, or it waits for the comparison before it. */
  RUNNING,
  /** Every variant has its time. */
  FINISHED,
  /** At least one variant has no time, because its job did not get to its end. */
  FAILED,
  /** A user ended it; what was measured stays. */
  CANCELLED;

  /** Whether it has ended: it will never change again. */
  public boolean isTerminal() {
    return this != RUNNING;
  }
}
