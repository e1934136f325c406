package dev.manyhands.scheduler;

import org.junit.jupiter.api.Test;

class SchedulerSimulationTest {

  @Test
  void noHistoryOfFaultsBreaksAPromise() {
    // A failure names its seed; `-Dsimulation.seed=N` plays that one again.
    Long only = Long.getLong("simulation.seed");
    if (only != null) {
      Simulation.run(only);
      return;
    }
    int runs = Integer.getInteger("simulation.runs", 2_000);
    for (long seed = 0; seed < runs; seed++) {
      Simulation.run(seed);
    }
  }
}
