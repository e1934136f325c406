package dev.manyhands.engine.scheduler;

import org.junit.jupiter.api.Test;

/**
 * As {@link SchedulerSimulationTest}, with as many histories as minutes allow, and others each
 * time: the first seed is printed.
 */
class SchedulerSimulationTorture {
  private static final long FIRST = Long.getLong("simulation.first", System.nanoTime() >>> 8);

  @Test
  void noneOfManyHistoriesBreaksAPromise() {
    int runs = Integer.getInteger("simulation.runs", 100_000);
    System.out.printf(
        "SchedulerSimulationTorture: -Dsimulation.first=%d -Dsimulation.runs=%d%n", FIRST, runs);
    for (long seed = FIRST; seed < FIRST + runs; seed++) {
      Simulation.run(seed);
    }
  }
}
