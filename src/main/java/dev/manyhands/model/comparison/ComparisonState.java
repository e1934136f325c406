package dev.manyhands.model.comparison;

/** The stages of a comparison: {@code RUNNING → FINISHED | FAILED | CANCELLED}. */
public enum ComparisonState {
  /** The jobs run one after the other, or the comparison waits for the one before it. */
  RUNNING,
  /** Every variant has its time in every round. */
  FINISHED,
  /** A job did not run all its items, or the comparison could not go on. */
  FAILED,
  /** A user ended the comparison; its measured times stay. */
  CANCELLED;

  /** Whether the comparison has ended and will never change again. */
  public boolean isTerminal() {
    return this != RUNNING;
  }
}
