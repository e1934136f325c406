package dev.manyhands.model;

import org.jspecify.annotations.Nullable;

/**
 * Adds up for which share of the time in a function the workers had a processor. A small share
 * shows that the function mostly waits, for a network, a disk or a clock. Used by one thread.
 */
public final class ProcessorShare {
  /** The share below which a function mostly waits. */
  public static final double WAITS = 0.25;

  private double run;
  private double runWithCpu;
  private double cpu;

  /** Adds the cost of some items, whether their worker reported its processor time or not. */
  public void add(Outcomes.Cost cost) {
    run += cost.run();
    if (cost.cpu() != null) {
      runWithCpu += cost.run();
      cpu += cost.cpu();
    }
  }

  /** Returns the share; null if it is not known for at least half of the time. */
  public @Nullable Double value() {
    return runWithCpu > 0 && runWithCpu >= run / 2 ? Double.valueOf(cpu / runWithCpu) : null;
  }
}
